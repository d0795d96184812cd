using Vault.Runtime.Generator.Model;

namespace Vault.Runtime.Generator.Emit;

/// <summary>Writes the accessors that reach private members and init-only properties without reflection.</summary>
internal static class AccessorEmitter
{
    private const string Attribute =
        "[global::System.Runtime.CompilerServices.UnsafeAccessor("
        + "global::System.Runtime.CompilerServices.UnsafeAccessorKind.";

    public static string FieldAccessor(MemberModel member, int depth) => $"Field{depth}_{member.Id}";

    public static string SetAccessor(MemberModel member, int depth) => $"Set{depth}_{member.Id}";

    public static void Emit(
        CodeWriter code, SerializableModel model, IEnumerable<(MemberModel Member, int Depth)> members)
    {
        var by = model.Kind == SerializableKind.Struct ? "ref " : string.Empty;
        foreach (var (member, depth) in members)
        {
            if (!member.Readable || member.Assignment == Assignment.Field)
            {
                code.Line($"{Attribute}Field, Name = {Names.Literal(member.FieldName)})]");
                code.Line($"private static extern ref {member.Type.Name} "
                    + $"{FieldAccessor(member, depth)}({by}{member.DeclaringType} instance);");
                code.Line();
            }

            if (member.Assignment == Assignment.Setter)
            {
                code.Line($"{Attribute}Method, Name = {Names.Literal("set_" + member.Name)})]");
                code.Line($"private static extern void {SetAccessor(member, depth)}({by}{member.DeclaringType} "
                    + $"instance, {member.Type.Name} value);");
                code.Line();
            }
        }
    }
}
