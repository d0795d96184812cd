using Vault.Runtime.Generator.Model;

namespace Vault.Runtime.Generator.Emit;

/// <summary>Writes the codec of a serializable class or struct.</summary>
internal static class CodecEmitter
{
    public static string Emit(string assembly, SerializableModel model)
    {
        var code = new CodeWriter(assembly);
        var isClass = model.Kind == SerializableKind.Class;
        var parent = isClass ? "ObjectCodec" : "Codec";
        code.Open($"internal sealed class {model.Identifier}_Codec{model.TypeParameters} : "
            + $"{Names.Serialization}{parent}<{model.Type}>{model.Constraints}");

        var members = model.Levels.SelectMany(static (level, depth) =>
            level.Members.Select(m => (Member: m, Depth: depth))).ToList();
        foreach (var (member, depth) in members.Where(static m => WireCode.NeedsCodec(m.Member.Type.Name)))
        {
            code.Line($"private {Names.Serialization}Codec<{member.Type.Name}> {Codec(member, depth)};");
        }

        code.Line();
        code.Line($"public override bool IsImmutable => {(model.Immutable ? "true" : "false")};");
        code.Line();
        code.Open($"public override void Bind({Names.Serialization}CodecProvider codecs)");
        foreach (var (member, depth) in members.Where(static m => WireCode.NeedsCodec(m.Member.Type.Name)))
        {
            code.Line($"{Codec(member, depth)} = codecs.Get<{member.Type.Name}>();");
        }

        code.Close();
        code.Line();

        EmitWrite(code, model, isClass);
        ReadEmitter.Emit(code, model, isClass);
        CopyEmitter.Emit(code, model, isClass);
        AccessorEmitter.Emit(code, model, members);
        code.Close();
        return code.ToString();
    }

    /// <summary>Name of the field that holds a member's codec.</summary>
    public static string Codec(MemberModel member, int depth) => $"_codec{depth}_{member.Id}";

    /// <summary>An expression for a member's value.</summary>
    public static string Get(SerializableModel model, MemberModel member, int depth, string instance)
    {
        if (member.Readable)
        {
            return $"{instance}.@{member.Name}";
        }

        var by = model.Kind == SerializableKind.Struct ? "ref " : string.Empty;
        return $"{AccessorEmitter.FieldAccessor(member, depth)}({by}{instance})";
    }

    private static void EmitWrite(CodeWriter code, SerializableModel model, bool isClass)
    {
        code.Open(isClass
            ? $"protected override void WriteBody(ref {Names.Serialization}CborWriter writer, {model.Type} value)"
            : $"public override void Write(ref {Names.Serialization}CborWriter writer, {model.Type} value)");
        EmitLevel(code, model, 0);
        code.Close();
        code.Line();
    }

    /// <summary>One map per level of inheritance; the base type's is the value of key -1.</summary>
    private static void EmitLevel(CodeWriter code, SerializableModel model, int depth)
    {
        if (model.Levels.Count == 0)
        {
            code.Line("writer.BeginMap(0);");
            code.Line("writer.End();");
            return;
        }

        var level = model.Levels[depth];
        var hasBase = depth + 1 < model.Levels.Count;
        code.Line($"writer.BeginMap({level.Members.Count + (hasBase ? 1 : 0)});");
        if (hasBase)
        {
            code.Line("writer.WriteKey(-1);");
            EmitLevel(code, model, depth + 1);
        }

        foreach (var member in level.Members)
        {
            code.Line($"writer.WriteKey({member.Id});");
            code.Line(WireCode.Write(member.Type.Name, Codec(member, depth), Get(model, member, depth, "value")));
        }

        code.Line("writer.End();");
    }
}
