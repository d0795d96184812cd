using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Orleans.Serialization;

namespace Vault.Runtime.Messaging.Tcp;

/// <summary>
/// Two processes prove to each other that they know the cluster's secret; docs/spec/transport.md, section 2.
/// </summary>
/// <remarks>
/// The one that connects proves itself first, so that nobody gets a proof from a silo without knowing the secret. Both
/// proofs cover both greetings, so neither nonces, addresses, roles nor versions can be changed or used again.
/// </remarks>
internal sealed class Handshake(byte[] secret, string cluster, SiloAddress self)
{
    /// <summary>The versions of the protocol that this build speaks.</summary>
    public const int MinVersion = 1;

    /// <summary>The versions of the protocol that this build speaks.</summary>
    public const int MaxVersion = 1;

    /// <summary>The longest message before the other side has proven itself.</summary>
    public const int MaxMessageBytes = 1024;

    private const int ProofBytes = HMACSHA256.HashSizeInBytes;
    private static readonly byte[] s_magic = "VLTP"u8.ToArray();
    private static readonly byte[] s_connecting = "vault transport: connecting\0"u8.ToArray();
    private static readonly byte[] s_accepting = "vault transport: accepting\0"u8.ToArray();

    /// <summary>The side that connects; a given address must be the one that answers.</summary>
    public Peer Connect(Stream wire, SiloAddress? expected)
    {
        var mine = Greet(MinVersion, MaxVersion);
        wire.Write(s_magic);
        Write(wire, mine);
        var theirs = Read(wire);
        var peer = Understand(theirs);
        if (peer.MaxVersion is < MinVersion or > MaxVersion)
        {
            throw new HandshakeException(
                HandshakeFailure.Version, $"{peer.Address} speaks none of versions {MinVersion} to {MaxVersion}.");
        }

        if (peer.Role != PeerRole.Silo || (expected is not null && !expected.Equals(peer.Address)))
        {
            throw new HandshakeException(HandshakeFailure.Address, $"{peer.Address} answered instead.");
        }

        Write(wire, Proof(s_connecting, mine, theirs));
        Check(ReadAnswer(wire, peer.Address), Proof(s_accepting, mine, theirs));
        return new Peer(peer.Address, peer.MaxVersion);
    }

    /// <summary>
    /// The side that was connected to. It may turn away one that has proven itself as long as that does not know.
    /// </summary>
    public Peer Accept(Stream wire, Func<bool>? admits = null)
    {
        Span<byte> magic = stackalloc byte[s_magic.Length];
        ReadExactly(wire, magic);
        if (!magic.SequenceEqual(s_magic))
        {
            throw new HandshakeException(HandshakeFailure.Malformed, "The connection begins with something else.");
        }

        var theirs = Read(wire);
        var peer = Understand(theirs);
        var version = Math.Min(peer.MaxVersion, MaxVersion);
        if (version < MinVersion || version < peer.MinVersion)
        {
            Write(wire, Greet(0, 0));
            throw new HandshakeException(
                HandshakeFailure.Version,
                $"{peer.Address} speaks versions {peer.MinVersion} to {peer.MaxVersion} of the protocol, this process "
                + $"{MinVersion} to {MaxVersion}.");
        }

        var mine = Greet(version, version);
        Write(wire, mine);
        Check(Read(wire), Proof(s_connecting, theirs, mine));
        if (admits?.Invoke() == false)
        {
            throw new HandshakeException(HandshakeFailure.Timeout, "It gave way, or this process stops.");
        }

        Write(wire, Proof(s_accepting, theirs, mine));
        return new Peer(peer.Address, version);
    }

    private static void Write(Stream wire, ReadOnlySpan<byte> message)
    {
        Span<byte> frame = stackalloc byte[FrameReader.PrefixBytes + MaxMessageBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(frame, (uint)message.Length);
        message.CopyTo(frame[FrameReader.PrefixBytes..]);
        wire.Write(frame[..(FrameReader.PrefixBytes + message.Length)]);
    }

    private static byte[] Read(Stream wire)
    {
        Span<byte> prefix = stackalloc byte[FrameReader.PrefixBytes];
        ReadExactly(wire, prefix);
        var length = BinaryPrimitives.ReadUInt32LittleEndian(prefix);
        if (length > MaxMessageBytes)
        {
            throw new HandshakeException(
                HandshakeFailure.Malformed, $"A message of {length} bytes came; {MaxMessageBytes} are allowed.");
        }

        var message = new byte[length];
        ReadExactly(wire, message);
        return message;
    }

    /// <summary>A peer that does not believe this one's proof says nothing more.</summary>
    private static byte[] ReadAnswer(Stream wire, SiloAddress peer)
    {
        try
        {
            return Read(wire);
        }
        catch (HandshakeException exception) when (exception.Failure == HandshakeFailure.Closed)
        {
            throw new HandshakeException(
                HandshakeFailure.Closed, $"{peer} closed the connection: it has another cluster secret, or no room.");
        }
    }

    private static void ReadExactly(Stream wire, Span<byte> bytes)
    {
        if (wire.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length)
        {
            throw new HandshakeException(HandshakeFailure.Closed, "The other side closed the connection.");
        }
    }

    private static void Check(byte[] proof, byte[] expected)
    {
        if (!CryptographicOperations.FixedTimeEquals(proof, expected))
        {
            throw new HandshakeException(HandshakeFailure.Secret, "The other side has another cluster secret.");
        }
    }

    private byte[] Greet(int minVersion, int maxVersion) => new Greeting
    {
        MinVersion = minVersion,
        MaxVersion = maxVersion,
        Nonce = RandomNumberGenerator.GetBytes(Greeting.NonceBytes),
        Role = self.IsClient ? PeerRole.Client : PeerRole.Silo,
        Address = self,
        Cluster = cluster,
    }.ToBytes();

    private Greeting Understand(byte[] message)
    {
        Greeting greeting;
        try
        {
            greeting = Greeting.Read(message);
        }
        catch (SerializerException exception)
        {
            throw new HandshakeException(HandshakeFailure.Malformed, exception.Message);
        }

        return greeting.Cluster == cluster
            ? greeting
            : throw new HandshakeException(HandshakeFailure.Cluster, $"{greeting.Address} is of another cluster.");
    }

    private byte[] Proof(byte[] label, byte[] connecting, byte[] accepting)
    {
        using var mac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, secret);
        mac.AppendData(label);
        AppendWithLength(mac, connecting);
        AppendWithLength(mac, accepting);
        var proof = new byte[ProofBytes];
        mac.GetHashAndReset(proof);
        return proof;
    }

    private static void AppendWithLength(IncrementalHash mac, byte[] message)
    {
        Span<byte> length = stackalloc byte[FrameReader.PrefixBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(length, (uint)message.Length);
        mac.AppendData(length);
        mac.AppendData(message);
    }

    public static byte[] SecretOf(TransportOptions options) => Encoding.UTF8.GetBytes(options.ClusterSecret);
}

/// <summary>Who is at the other end, and the version that both speak.</summary>
internal sealed record Peer(SiloAddress Address, int Version);

/// <summary>Why a connection was not made.</summary>
internal enum HandshakeFailure
{
    Malformed,
    Closed,
    Timeout,
    Version,
    Cluster,
    Address,
    Secret,
    Tls,
    Unreachable,
}

/// <summary>The other side is not to be talked to.</summary>
internal sealed class HandshakeException(HandshakeFailure failure, string message) : IOException(message)
{
    public HandshakeFailure Failure { get; } = failure;
}
