using System.Collections.Immutable;
using Vault.Runtime.Generator.Model;

namespace Vault.Runtime.Generator.Emit;

/// <summary>Writes the manifest of an assembly and the attribute by which the engine finds it.</summary>
internal static class ManifestEmitter
{
    public static string Emit(
        string assembly,
        ImmutableArray<InterfaceModel> interfaces,
        ImmutableArray<GrainClassModel> classes,
        ImmutableArray<SerializableModel> types,
        ImmutableArray<ConverterModel> converters)
    {
        var code = new CodeWriter(assembly, "[assembly: "
            + $"{Names.Metadata}GrainManifest(typeof(global::{Names.Namespace(assembly)}.GeneratedManifest))]");
        code.Line("/// <summary>Tells the engine of this assembly's grain interfaces, grain classes and serializable "
            + "types.</summary>");
        code.Open($"public sealed class GeneratedManifest : {Names.Metadata}GrainManifest");
        code.Line("/// <inheritdoc/>");
        code.Open($"public override void Register({Names.Metadata}GrainManifestBuilder builder)");
        foreach (var type in types.Where(static t => t.Diagnostics.Count == 0)
            .OrderBy(static t => t.Type, StringComparer.Ordinal))
        {
            EmitType(code, type);
        }

        foreach (var converter in converters.OrderBy(static c => c.Value, StringComparer.Ordinal))
        {
            code.Line($"builder.Codecs.Add<{converter.Value}>({Names.Literal(converter.Alias)}, static () => new "
                + $"{Names.Serialization}SurrogateCodec<{converter.Value}, {converter.Surrogate}, "
                + $"{converter.Converter}>());");
        }

        foreach (var model in interfaces.Where(static i => i.Diagnostics.Count == 0)
            .OrderBy(static i => i.Type, StringComparer.Ordinal))
        {
            var methods = string.Join(", ", model.Methods.Select(static m => $"new {m.Identifier}_Method()"));
            code.Line($"builder.AddInterface(new {Names.Metadata}GrainInterfaceEntry(typeof({model.Type}), "
                + $"{Names.Literal(model.WireName)}, "
                + $"new {Names.Invocation}GrainMethod[] {{ {methods} }}, static (shared, id) => new "
                + $"{model.Identifier}_Proxy(shared, id)));");
        }

        foreach (var model in classes.Where(static c => c.Diagnostics.Count == 0)
            .OrderBy(static c => c.Type, StringComparer.Ordinal))
        {
            var implemented = string.Join(", ", model.Interfaces.Select(static i => $"typeof({i})"));
            code.Line($"builder.AddClass(new {Names.Metadata}GrainClassEntry(typeof({model.Type}), "
                + $"{Names.Literal(model.GrainType)}, "
                + $"new global::System.Type[] {{ {implemented} }}, static context => new "
                + $"{model.Type}({string.Join(", ", model.Arguments)})));");
        }

        code.Close();
        code.Close();
        return code.ToString();
    }

    private static void EmitType(CodeWriter code, SerializableModel type)
    {
        switch (type)
        {
            case { Kind: SerializableKind.Abstract }:
                break;
            case { Kind: SerializableKind.Enum }:
                code.Line($"builder.Codecs.AddEnum<{type.Type}>({Names.Literal(type.Alias)});");
                break;
            case { TypeParameters.Length: > 0 }:
                var commas = new string(',', type.TypeParameters.Count(static c => c == ','));
                code.Line(
                    $"builder.Codecs.AddGeneric(typeof({type.OpenType}), typeof({type.Identifier}_Codec<{commas}>));");
                break;
            default:
                code.Line($"builder.Codecs.Add<{type.Type}>({Names.Literal(type.Alias)}, static () => new "
                    + $"{type.Identifier}_Codec());");
                break;
        }
    }
}
