using System.Globalization;
using Microsoft.CodeAnalysis;
using Vault.Runtime.Generator.Emit;
using Vault.Runtime.Generator.Model;

namespace Vault.Runtime.Generator.Analysis;

/// <summary>Reads one method of a grain interface.</summary>
internal static class MethodAnalysis
{
    public static MethodModel? Analyze(INamedTypeSymbol type, IMethodSymbol method, List<DiagnosticModel> problems)
    {
        var before = problems.Count;
        if (method.IsGenericMethod)
        {
            problems.Add(Diagnostics.Create("VAULT001", method));
        }

        var kind = KindOf(method.ReturnType);
        if (kind is null)
        {
            problems.Add(Diagnostics.Create("VAULT002", method));
        }

        foreach (var parameter in method.Parameters)
        {
            if (parameter.RefKind != RefKind.None || parameter.Type.IsRefLikeType)
            {
                problems.Add(Diagnostics.Create("VAULT004", method, $"{parameter.Name} cannot be passed by reference"));
            }
        }

        if (method.Parameters.Count(static p => IsToken(p.Type)) > 1)
        {
            problems.Add(Diagnostics.Create("VAULT004", method, "one CancellationToken is enough"));
        }

        var timeout = method.Attribute("Orleans.ResponseTimeoutAttribute").Text();
        if (timeout is not null && !TimeSpan.TryParse(timeout, CultureInfo.InvariantCulture, out _))
        {
            problems.Add(Diagnostics.Create("VAULT010", method, timeout));
        }

        if (problems.Count > before)
        {
            return null;
        }

        var result = kind is ReturnKind.TaskOfResult or ReturnKind.ValueTaskOfResult
            ? Symbols.Model(
                ((INamedTypeSymbol)method.ReturnType).TypeArguments[0],
                Symbols.Find(method.GetReturnTypeAttributes(), "Orleans.ImmutableAttribute") is not null)
            : null;

        return new MethodModel(
            method.Name,
            method.Attribute("Orleans.AliasAttribute").Text() ?? method.Name,
            method.ContainingType.FullName(),
            $"{Names.Identifier(type.FullName())}_{method.Name}",
            kind!.Value,
            method.ReturnType.FullName(),
            result,
            method.Parameters.Select(static p => new ParameterModel(
                p.Name, Symbols.Model(p.Type, p.Has("Orleans.ImmutableAttribute")), IsToken(p.Type))).ToEquatable(),
            method.Has("Orleans.Concurrency.OneWayAttribute") || kind == ReturnKind.Void,
            method.Has("Orleans.Concurrency.ReadOnlyAttribute"),
            method.Has("Orleans.Concurrency.AlwaysInterleaveAttribute"),
            timeout);
    }

    private static bool IsToken(ITypeSymbol type) => type.FullName() == Names.Token;

    private static ReturnKind? KindOf(ITypeSymbol type)
    {
        if (type.SpecialType == SpecialType.System_Void)
        {
            return ReturnKind.Void;
        }

        return type.OriginalDefinition.FullName() switch
        {
            "global::System.Threading.Tasks.Task" => ReturnKind.Task,
            "global::System.Threading.Tasks.ValueTask" => ReturnKind.ValueTask,
            "global::System.Threading.Tasks.Task<TResult>" => ReturnKind.TaskOfResult,
            "global::System.Threading.Tasks.ValueTask<TResult>" => ReturnKind.ValueTaskOfResult,
            _ => null,
        };
    }
}
