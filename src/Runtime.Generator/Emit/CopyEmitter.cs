using Vault.Runtime.Generator.Model;

namespace Vault.Runtime.Generator.Emit;

/// <summary>Writes the copying half of a codec.</summary>
internal static class CopyEmitter
{
    public static void Emit(CodeWriter code, SerializableModel model, bool isClass)
    {
        code.Open(isClass
            ? $"protected override {model.Type} CopyBody({model.Type} value)"
            : $"public override {model.Type} Copy({model.Type} value)");
        if (model.Immutable)
        {
            code.Line("return value;");
        }
        else
        {
            var parts = model.Levels.SelectMany((level, depth) => level.Members.Select(
                m => new ConstructionEmitter.Part(m, depth, Copy(model, m, depth), null)));
            ConstructionEmitter.Emit(code, model, "result", [.. parts]);
            code.Line("return result;");
        }

        code.Close();
        code.Line();
    }

    private static string Copy(SerializableModel model, MemberModel member, int depth)
    {
        var value = CodecEmitter.Get(model, member, depth, "value");
        return member.Type.Immutable || !WireCode.NeedsCodec(member.Type.Name)
            ? value
            : $"{CodecEmitter.Codec(member, depth)}.Copy({value})";
    }
}
