using Vault.Runtime.Generator.Model;

namespace Vault.Runtime.Generator.Emit;

/// <summary>Writes the descriptor of a method, which holds the codecs of its arguments and result.</summary>
internal static class MethodEmitter
{
    public static void Emit(CodeWriter code, MethodModel method)
    {
        var types = string.Join(", ", method.Parameters.Select(static p => $"typeof({p.Type.Name})"));
        code.Open($"internal sealed class {method.Identifier}_Method() : {Names.Invocation}GrainMethod("
            + $"typeof({method.DeclaringType}), {Names.Literal(method.Name)}, {Names.Literal(method.Alias)}, "
            + $"new global::System.Type[] {{ {types} }}, typeof({method.ReturnType}), {Options(method)}, "
            + $"{Timeout(method)})");

        var codecs = method.Codecs().ToList();
        foreach (var (field, type) in codecs)
        {
            code.Line($"internal {Names.Serialization}Codec<{type}> {field};");
        }

        code.Line();
        code.Open($"public override void Bind({Names.Serialization}CodecProvider codecs)");
        foreach (var (field, type) in codecs)
        {
            code.Line($"{field} = codecs.Get<{type}>();");
        }

        code.Close();
        code.Line();
        code.Line($"public override {Names.Invocation}GrainRequest CreateRequest() => new "
            + $"{method.Identifier}_Request(this);");
        code.Close();
        code.Line();
    }

    /// <summary>The arguments and the result that are not written inline, or that need copying.</summary>
    private static IEnumerable<(string Field, string Type)> Codecs(this MethodModel method)
    {
        for (var i = 0; i < method.Parameters.Count; i++)
        {
            if (method.Parameters[i] is { IsToken: false } parameter && WireCode.NeedsCodec(parameter.Type.Name))
            {
                yield return ($"Codec{i}", parameter.Type.Name);
            }
        }

        if (method.Result is { } result && WireCode.NeedsCodec(result.Name))
        {
            yield return ("ResultCodec", result.Name);
        }
    }

    private static string Options(MethodModel method)
    {
        const string type = "global::Orleans.CodeGeneration.InvokeMethodOptions.";
        var flags = new List<string>();
        if (method.OneWay)
        {
            flags.Add(type + "OneWay");
        }

        if (method.ReadOnly)
        {
            flags.Add(type + "ReadOnly");
        }

        if (method.AlwaysInterleave)
        {
            flags.Add(type + "AlwaysInterleave");
        }

        return flags.Count == 0 ? type + "None" : string.Join(" | ", flags);
    }

    private static string Timeout(MethodModel method) => method.ResponseTimeout is { } text
        ? $"global::System.TimeSpan.Parse({Names.Literal(text)}, "
            + "global::System.Globalization.CultureInfo.InvariantCulture)"
        : "null";
}
