namespace Vault.Testing.Histories;

/// <summary>Answers that no order of the operations explains.</summary>
/// <param name="Key">The key.</param>
/// <param name="Operations">Few operations that cannot all be true together.</param>
/// <param name="Message">All of it as text.</param>
public sealed record Violation(string Key, IReadOnlyList<Operation> Operations, string Message)
{
    /// <inheritdoc/>
    public override string ToString() => Message;
}
