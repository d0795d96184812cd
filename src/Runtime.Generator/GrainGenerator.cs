using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Vault.Runtime.Generator.Analysis;
using Vault.Runtime.Generator.Emit;
using Vault.Runtime.Generator.Model;

namespace Vault.Runtime.Generator;

/// <summary>
/// Writes, for each assembly of grain code: a proxy per grain interface, a request per method, a codec per serializable
/// type, and the manifest that tells the engine of them.
/// </summary>
[Generator]
public sealed class GrainGenerator : IIncrementalGenerator
{
    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var assembly = context.CompilationProvider.Select(static (c, _) => c.AssemblyName ?? "Assembly");

        var interfaces = context.SyntaxProvider
            .CreateSyntaxProvider(
                static (node, _) => node is InterfaceDeclarationSyntax { BaseList: not null },
                static (c, stop) => Declared(c, stop) is { } type ? InterfaceAnalysis.Analyze(type) : null)
            .Where(static model => model is not null)
            .Select(static (model, _) => model!);

        var classes = context.SyntaxProvider
            .CreateSyntaxProvider(
                static (node, _) => node is ClassDeclarationSyntax { BaseList: not null },
                static (c, stop) => Declared(c, stop) is { } type ? GrainClassAnalysis.Analyze(type) : null)
            .Where(static model => model is not null)
            .Select(static (model, _) => model!);

        var serializables = context.SyntaxProvider.ForAttributeWithMetadataName(
            "Orleans.GenerateSerializerAttribute",
            static (_, _) => true,
            static (c, _) => SerializableAnalysis.Analyze((INamedTypeSymbol)c.TargetSymbol));

        var converters = context.SyntaxProvider.ForAttributeWithMetadataName(
                "Orleans.RegisterConverterAttribute",
                static (_, _) => true,
                static (c, _) => ConverterAnalysis.Analyze((INamedTypeSymbol)c.TargetSymbol))
            .SelectMany(static (models, _) => models);

        context.RegisterSourceOutput(interfaces.Combine(assembly), static (output, pair) =>
        {
            if (Report(output, pair.Left.Diagnostics))
            {
                output.AddSource(pair.Left.Identifier + ".Proxy.g.cs", ProxyEmitter.Emit(pair.Right, pair.Left));
            }
        });

        context.RegisterSourceOutput(serializables.Combine(assembly), static (output, pair) =>
        {
            if (Report(output, pair.Left.Diagnostics)
                && pair.Left.Kind is SerializableKind.Class or SerializableKind.Struct)
            {
                output.AddSource(pair.Left.Identifier + ".Codec.g.cs", CodecEmitter.Emit(pair.Right, pair.Left));
            }
        });

        context.RegisterSourceOutput(classes, static (output, model) => Report(output, model.Diagnostics));

        var manifest = interfaces.Collect()
            .Combine(classes.Collect())
            .Combine(serializables.Collect())
            .Combine(converters.Collect());
        context.RegisterSourceOutput(manifest.Combine(assembly), static (output, all) =>
        {
            var ((((grainInterfaces, grainClasses), types), surrogates), name) = all;
            if (grainInterfaces.Length + grainClasses.Length + types.Length + surrogates.Length > 0)
            {
                output.AddSource(
                    "Manifest.g.cs", ManifestEmitter.Emit(name, grainInterfaces, grainClasses, types, surrogates));
            }
        });
    }

    /// <summary>The type a declaration declares, once for all its parts.</summary>
    private static INamedTypeSymbol? Declared(GeneratorSyntaxContext context, CancellationToken stop) =>
        context.SemanticModel.GetDeclaredSymbol(context.Node, stop) is INamedTypeSymbol type
        && type.DeclaringSyntaxReferences.First(r => r.GetSyntax(stop) is TypeDeclarationSyntax { BaseList: not null })
            .GetSyntax(stop) == context.Node
            ? type
            : null;

    private static bool Report(SourceProductionContext output, EquatableArray<DiagnosticModel> problems)
    {
        foreach (var problem in problems)
        {
            output.ReportDiagnostic(problem.ToDiagnostic());
        }

        return problems.Count == 0;
    }
}
