using Microsoft.CodeAnalysis;
using Vault.Runtime.Generator.Model;

namespace Vault.Runtime.Generator;

/// <summary>What the generator refuses, each with the way out.</summary>
internal static class Diagnostics
{
    private static readonly DiagnosticDescriptor[] All =
    [
        Error(
            "VAULT001", "Generic grain interface or method",
            "'{0}' is generic; grain interfaces and their methods cannot be"),
        Error(
            "VAULT002", "Return type of a grain method",
            "'{0}' must return void, Task, Task<T>, ValueTask or ValueTask<T>"),
        Error("VAULT003", "Member of a grain interface", "'{0}' is not a method; grain interfaces hold methods only"),
        Error("VAULT004", "Parameter of a grain method", "'{0}': {1}"),
        Error(
            "VAULT005", "Alias used twice",
            "'{0}' has the alias \"{1}\" that another method of the interface has; give it its own [Alias]"),
        Error(
            "VAULT006", "Id used twice",
            "'{0}' has the [Id] {1} that another member of the type has; numbers are never shared"),
        Error(
            "VAULT007", "Member without a number",
            "'{0}' would be lost on the wire; give it an [Id], or [NonSerialized] on its field"),
        Error(
            "VAULT008", "Type out of reach",
            "'{0}' cannot be named by generated code; make it internal or public, and not generic where it is nested"),
        Error("VAULT009", "Constructor of a grain", "'{0}': {1}"),
        Error("VAULT010", "Response timeout", "'{0}' has a [ResponseTimeout] that is not a time span: {1}"),
        Error("VAULT011", "Id too large", "'{0}' has an [Id] beyond 2147483647; number members from 0"),
    ];

    public static DiagnosticModel Create(string id, ISymbol symbol, string detail = "")
    {
        var location = symbol.Locations.FirstOrDefault(static l => l.IsInSource);
        return new DiagnosticModel(
            id,
            location?.SourceTree?.FilePath ?? string.Empty,
            location?.SourceSpan ?? default,
            location?.GetLineSpan().Span ?? default,
            symbol.ToDisplayString(),
            detail);
    }

    public static Diagnostic ToDiagnostic(this DiagnosticModel model) => Diagnostic.Create(
        Array.Find(All, descriptor => descriptor.Id == model.Id),
        model.Path.Length == 0 ? Location.None : Location.Create(model.Path, model.Span, model.Lines),
        model.Argument,
        model.Detail);

    private static DiagnosticDescriptor Error(string id, string title, string message) =>
        new(id, title, message, "Vault.Grains", DiagnosticSeverity.Error, isEnabledByDefault: true);
}
