using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Vault.Protocol.Encryption;
using Vault.Protocol.Ids;

namespace Vault.Protocol.Keys;

/// <summary>
/// What makes a project able to read: its X25519 pair, to which bucket keys are boxed, and its numbered data key. Born
/// with the project; outside memory it exists only boxed to the project's credentials.
/// </summary>
/// <remarks>
/// A box holds project_id(24 ASCII) ‖ key_no(u32) ‖ data_key(32) ‖ private(32): docs/spec/keys.md, section 1.
/// </remarks>
public sealed class ProjectSecret(ProjectId projectId, uint keyNo, SecretKey dataKey, KeyPair pair) : IDisposable
{
    /// <summary>Bytes in a box.</summary>
    public const int BoxSize = PlainSize + SealedBox.Overhead;

    private const int IdSize = 24;
    private const int DataKeyAt = IdSize + sizeof(uint);
    private const int PrivateAt = DataKeyAt + SecretKey.Size;
    private const int PlainSize = PrivateAt + SecretKey.Size;

    /// <summary>Which project.</summary>
    public ProjectId ProjectId { get; } = projectId;

    /// <summary>Which generation, from 1.</summary>
    public uint KeyNo { get; } = keyNo;

    /// <summary>The data key; owned.</summary>
    public SecretKey DataKey { get; } = dataKey;

    /// <summary>The pair; owned. Its public half is stored in clear with the project.</summary>
    public KeyPair Pair { get; } = pair;

    /// <summary>A fresh secret.</summary>
    public static ProjectSecret Generate(ProjectId projectId, uint keyNo) =>
        new(projectId, keyNo, SecretKey.Generate(longLived: true), KeyPair.Generate());

    /// <summary>Boxes this secret to a credential's X25519 public key.</summary>
    public byte[] Seal(ReadOnlySpan<byte> credentialPublicKey)
    {
        Span<byte> plain = stackalloc byte[PlainSize];
        Encoding.ASCII.GetBytes(ProjectId.Value, plain);
        BinaryPrimitives.WriteUInt32BigEndian(plain[IdSize..], KeyNo);
        DataKey.Bytes.CopyTo(plain[DataKeyAt..]);
        Pair.PrivateKey.Bytes.CopyTo(plain[PrivateAt..]);
        var box = SealedBox.Seal(plain, credentialPublicKey);
        CryptographicOperations.ZeroMemory(plain);
        return box;
    }

    /// <summary>
    /// Opens a box; false when it was not made for this pair or is not of this project and generation.
    /// </summary>
    public static bool TryOpen(
        ReadOnlySpan<byte> box,
        ProjectId projectId,
        uint keyNo,
        KeyPair credential,
        [NotNullWhen(true)] out ProjectSecret? secret)
    {
        Span<byte> plain = stackalloc byte[PlainSize];
        Span<char> id = stackalloc char[IdSize];
        secret = SealedBox.TryOpen(box, credential.PublicKey, credential.PrivateKey.Bytes, plain)
            && Encoding.ASCII.GetChars(plain[..IdSize], id) == IdSize
            && id.SequenceEqual(projectId.Value)
            && BinaryPrimitives.ReadUInt32BigEndian(plain[IdSize..]) == keyNo
                ? new ProjectSecret(
                    projectId,
                    keyNo,
                    SecretKey.FromBytes(plain[DataKeyAt..PrivateAt], longLived: true),
                    KeyPair.FromPrivateKey(plain[PrivateAt..]))
                : null;
        CryptographicOperations.ZeroMemory(plain);
        return secret is not null;
    }

    /// <summary>Wipes both keys.</summary>
    public void Dispose()
    {
        DataKey.Dispose();
        Pair.Dispose();
    }

    /// <summary>Never the keys.</summary>
    public override string ToString() => $"secret {KeyNo} of {ProjectId}";
}
