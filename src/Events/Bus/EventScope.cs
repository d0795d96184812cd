namespace Vault.Events.Bus;

/// <summary>Whom this process shares its data with.</summary>
/// <param name="Alone">True when no other process can change what this one reads.</param>
public sealed record EventScope(bool Alone);
