using Vault.Runtime.Generator.Model;

namespace Vault.Runtime.Generator.Emit;

/// <summary>
/// Writes the reading half of a codec: values into locals, then the instance. Unknown numbers are skipped; a missing
/// member keeps the value its type gives it, and a missing required member is an error.
/// </summary>
internal static class ReadEmitter
{
    public static void Emit(CodeWriter code, SerializableModel model, bool isClass)
    {
        var reader = $"ref {Names.Serialization}CborReader reader";
        code.Open(isClass
            ? $"protected override {model.Type} ReadBody({reader})"
            : $"public override {model.Type} Read({reader})");
        var members = model.Levels.SelectMany(static (level, depth) =>
            level.Members.Select(m => (Member: m, Depth: depth))).ToList();
        foreach (var (member, depth) in members)
        {
            code.Line($"{member.Type.Name} {Value(member, depth)} = default;");
            code.Line($"var {Seen(member, depth)} = false;");
        }

        if (model.Levels.Count == 0)
        {
            code.Line("for (var count = reader.BeginMap(); count > 0; count--) { reader.ReadKey(); reader.Skip(); }");
            code.Line("reader.End();");
        }
        else
        {
            EmitLevel(code, model, 0);
        }

        foreach (var (member, depth) in members.Where(static m => m.Member.Required))
        {
            code.Line($"if (!{Seen(member, depth)}) "
                + $"reader.Throw({Names.Literal($"required member {member.Name} ({member.Id}) is missing")});");
        }

        ConstructionEmitter.Emit(
            code,
            model,
            "result",
            [.. members.Select(static m => new ConstructionEmitter.Part(
                m.Member, m.Depth, Value(m.Member, m.Depth), m.Member.Required ? null : Seen(m.Member, m.Depth)))]);
        code.Line("return result;");
        code.Close();
        code.Line();
    }

    private static void EmitLevel(CodeWriter code, SerializableModel model, int depth)
    {
        code.Open($"for (var count{depth} = reader.BeginMap(); count{depth} > 0; count{depth}--)");
        code.Open("switch (reader.ReadKey())");
        foreach (var member in model.Levels[depth].Members)
        {
            code.Line($"case {member.Id}: {Value(member, depth)} = "
                + $"{WireCode.Read(member.Type.Name, CodecEmitter.Codec(member, depth))}; "
                + $"{Seen(member, depth)} = true; break;");
        }

        if (depth + 1 < model.Levels.Count)
        {
            code.Open("case -1:");
            EmitLevel(code, model, depth + 1);
            code.Line("break;");
            code.Close();
        }

        code.Line("default: reader.Skip(); break;");
        code.Close();
        code.Close();
        code.Line("reader.End();");
    }

    private static string Value(MemberModel member, int depth) => $"value{depth}_{member.Id}";

    private static string Seen(MemberModel member, int depth) => $"seen{depth}_{member.Id}";
}
