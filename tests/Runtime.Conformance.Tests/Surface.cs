namespace Vault.Runtime.Conformance.Tests;

/// <summary>One type that code outside its assembly can see.</summary>
/// <remarks>
/// The name is full, a nested type after a dot, a generic one with its arity; the shape is kind and base type.
/// </remarks>
internal sealed record TypeSurface(
    string Name, string Shape, IReadOnlySet<string> Interfaces, IReadOnlyList<MemberSurface> Members);

/// <summary>One member that code outside the assembly can use.</summary>
/// <remarks>
/// The key is name, parameter types and result: what a reference to the member says. The full text has accessibility,
/// modifiers, parameter names and defaults as well: what its definition says.
/// </remarks>
internal sealed record MemberSurface(string Type, string Key, string Full)
{
    public string Name => Key[..Key.IndexOfAny(['(', ':'])];
}
