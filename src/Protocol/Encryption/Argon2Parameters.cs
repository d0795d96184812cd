namespace Vault.Protocol.Encryption;

/// <summary>Cost of one Argon2id derivation.</summary>
/// <param name="MemoryKib">Memory in KiB.</param>
/// <param name="Iterations">Passes over the memory.</param>
/// <param name="Lanes">Independent lanes; part of the result.</param>
public readonly record struct Argon2Parameters(int MemoryKib, int Iterations, int Lanes)
{
    /// <summary>What new documents use: 64 MiB, 3 passes, 1 lane.</summary>
    public static Argon2Parameters Default => new(65_536, 3, 1);

    /// <summary>Whether a document may ask for this: bounds stop downgrades as well as memory bombs.</summary>
    public bool IsAcceptable =>
        MemoryKib is >= 19_456 and <= 1_048_576 && Iterations is >= 1 and <= 10 && Lanes is >= 1 and <= 16;
}
