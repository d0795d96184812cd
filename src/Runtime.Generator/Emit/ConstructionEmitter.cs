using Vault.Runtime.Generator.Model;

namespace Vault.Runtime.Generator.Emit;

/// <summary>Writes the statements that make an instance of given member values.</summary>
internal static class ConstructionEmitter
{
    /// <summary>
    /// A member, the expression of its value, and the one that says whether there is a value (null: there always is).
    /// </summary>
    internal sealed record Part(MemberModel Member, int Depth, string Value, string? Condition);

    public static void Emit(CodeWriter code, SerializableModel model, string variable, IReadOnlyList<Part> parts)
    {
        var initialized = parts.Where(static p => p.Member.Assignment == Assignment.Initializer)
            .Select(static p => $"@{p.Member.Name} = {p.Value}");
        code.Line(model.Construction switch
        {
            Construction.Parameterless =>
                $"var {variable} = new {model.Type}() {{ {string.Join(", ", initialized)} }};",
            Construction.Message => $"var {variable} = new {model.Type}((string)null);",
            _ => $"var {variable} = ({model.Type})"
                + "global::System.Runtime.CompilerServices.RuntimeHelpers"
                + $".GetUninitializedObject(typeof({model.Type}));",
        });

        var by = model.Kind == SerializableKind.Struct ? "ref " : string.Empty;
        foreach (var part in parts.Where(static p => p.Member.Assignment != Assignment.Initializer))
        {
            var statement = part.Member.Assignment switch
            {
                Assignment.Direct => $"{variable}.@{part.Member.Name} = {part.Value};",
                Assignment.Setter =>
                    $"{AccessorEmitter.SetAccessor(part.Member, part.Depth)}({by}{variable}, {part.Value});",
                _ => $"{AccessorEmitter.FieldAccessor(part.Member, part.Depth)}({by}{variable}) = {part.Value};",
            };
            code.Line(part.Condition is { } condition ? $"if ({condition}) {statement}" : statement);
        }
    }
}
