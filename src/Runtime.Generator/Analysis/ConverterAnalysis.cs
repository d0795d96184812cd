using Microsoft.CodeAnalysis;
using Vault.Runtime.Generator.Model;

namespace Vault.Runtime.Generator.Analysis;

/// <summary>Reads the surrogates that a class marked <c>[RegisterConverter]</c> converts to.</summary>
internal static class ConverterAnalysis
{
    public static EquatableArray<ConverterModel> Analyze(INamedTypeSymbol type) => type.AllInterfaces
        .Where(static i => i.OriginalDefinition.PlainName() == "Orleans.IConverter<TValue, TSurrogate>")
        .Select(i => new ConverterModel(
            i.TypeArguments[0].FullName(),
            i.TypeArguments[1].FullName(),
            type.FullName(),
            type.Attribute("Orleans.AliasAttribute").Text() ?? i.TypeArguments[0].PlainName()))
        .ToEquatable();
}
