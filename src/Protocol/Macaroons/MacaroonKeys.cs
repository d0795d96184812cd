using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Vault.Protocol.Macaroons;

/// <summary>
/// The master keys of a cluster, by number: several verify, one signs. Root keys are derived from them, so tokens
/// need no storage; retiring a number revokes everything under it. Immutable.
/// </summary>
public sealed class MacaroonKeys
{
    /// <summary>Length of the identifiers made here: <c>01 ‖ key id (u32) ‖ 16 random bytes</c>.</summary>
    public const int IdentifierBytes = 21;

    private const byte IdentifierVersion = 1;
    private const int MinimumMasterBytes = 32;

    private readonly Dictionary<uint, byte[]> masters = [];

    /// <summary>Copies the keys.</summary>
    /// <param name="masters">Master keys of 32 bytes or more, by id.</param>
    /// <param name="activeKeyId">The one that signs.</param>
    /// <exception cref="ArgumentException">A key is short or the active one is missing.</exception>
    public MacaroonKeys(IReadOnlyDictionary<uint, byte[]> masters, uint activeKeyId)
    {
        foreach (var (id, key) in masters)
        {
            if (key.Length < MinimumMasterBytes)
                throw new ArgumentException($"Macaroon master key {id} is shorter than {MinimumMasterBytes} bytes.");
            this.masters.Add(id, key.ToArray());
        }

        if (!this.masters.ContainsKey(activeKeyId))
            throw new ArgumentException($"There is no macaroon master key {activeKeyId}.", nameof(activeKeyId));
        ActiveKeyId = activeKeyId;
    }

    /// <summary>Number of the key that signs new macaroons.</summary>
    public uint ActiveKeyId { get; }

    /// <summary>Makes a macaroon.</summary>
    /// <param name="location">Who makes it, or null.</param>
    /// <param name="caveats">Its caveats; each must parse (<see cref="Caveat.TryParse"/>).</param>
    /// <exception cref="ArgumentException">A caveat is malformed or a limit is passed.</exception>
    public Macaroon Mint(string? location, IEnumerable<string> caveats)
    {
        Span<byte> identifier = stackalloc byte[IdentifierBytes];
        identifier[0] = IdentifierVersion;
        BinaryPrimitives.WriteUInt32BigEndian(identifier[1..], ActiveKeyId);
        RandomNumberGenerator.Fill(identifier[5..]);
        Span<byte> root = stackalloc byte[Macaroon.SignatureBytes];
        TryDeriveRootKey(identifier, root);
        var macaroon = Macaroon.Create(location, identifier, root);
        CryptographicOperations.ZeroMemory(root);
        foreach (var caveat in caveats)
        {
            if (!Caveat.TryParse(caveat, out _))
                throw new ArgumentException($"Malformed caveat: {caveat}", nameof(caveats));
            macaroon = macaroon.WithCaveat(caveat);
        }

        return macaroon;
    }

    /// <summary>Nothing secret.</summary>
    public override string ToString() => $"MacaroonKeys({masters.Count} keys, redacted)";

    /// <summary>Root key of an identifier; false when it is not ours or its master key is retired.</summary>
    internal bool TryDeriveRootKey(ReadOnlySpan<byte> identifier, Span<byte> rootKey)
    {
        if (identifier.Length != IdentifierBytes || identifier[0] != IdentifierVersion
            || !masters.TryGetValue(BinaryPrimitives.ReadUInt32BigEndian(identifier[1..]), out var master))
            return false;
        var label = "snp1 macaroon root"u8;
        Span<byte> text = stackalloc byte[label.Length + IdentifierBytes];
        label.CopyTo(text);
        identifier.CopyTo(text[label.Length..]);
        HMACSHA256.HashData(master, text, rootKey);
        return true;
    }
}
