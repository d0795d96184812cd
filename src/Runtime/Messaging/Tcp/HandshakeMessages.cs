using System.Buffers;
using Vault.Runtime.Serialization;

namespace Vault.Runtime.Messaging.Tcp;

/// <summary>What a process is to its cluster, as it says when it connects.</summary>
internal enum PeerRole
{
    Silo = 1,
    Client = 2,
}

/// <summary>One side's first message: who it is, and its nonce; the one that answers also says the version.</summary>
internal sealed record Greeting
{
    public const int NonceBytes = 32;
    private const int MinVersionKey = 0;
    private const int MaxVersionKey = 1;
    private const int NonceKey = 2;
    private const int RoleKey = 3;
    private const int AddressKey = 4;
    private const int ClusterKey = 5;
    private static readonly SiloAddressCodec s_address = new();

    public required int MinVersion { get; init; }

    public required int MaxVersion { get; init; }

    public required byte[] Nonce { get; init; }

    public required PeerRole Role { get; init; }

    public required SiloAddress Address { get; init; }

    public required string Cluster { get; init; }

    public byte[] ToBytes()
    {
        var output = new ArrayBufferWriter<byte>(256);
        var writer = new CborWriter(output);
        writer.BeginMap(6);
        writer.WriteKey(MinVersionKey);
        writer.WriteInt64(MinVersion);
        writer.WriteKey(MaxVersionKey);
        writer.WriteInt64(MaxVersion);
        writer.WriteKey(NonceKey);
        writer.WriteBytes(Nonce);
        writer.WriteKey(RoleKey);
        writer.WriteInt64((int)Role);
        writer.WriteKey(AddressKey);
        s_address.Write(ref writer, Address);
        writer.WriteKey(ClusterKey);
        writer.WriteText(Cluster);
        writer.End();
        writer.Flush();
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Reads a greeting; numbers that this build does not know are skipped.</summary>
    public static Greeting Read(ReadOnlySpan<byte> bytes)
    {
        var reader = new CborReader(bytes);
        int minVersion = 0, maxVersion = 0, role = 0;
        byte[] nonce = [];
        SiloAddress? address = null;
        var cluster = "";
        for (var left = reader.BeginMap(); left > 0; left--)
        {
            switch (reader.ReadKey())
            {
                case MinVersionKey:
                    minVersion = reader.ReadInt32();
                    break;
                case MaxVersionKey:
                    maxVersion = reader.ReadInt32();
                    break;
                case NonceKey:
                    nonce = reader.ReadBytes(NonceBytes).ToArray();
                    break;
                case RoleKey:
                    role = reader.ReadInt32();
                    break;
                case AddressKey:
                    address = s_address.Read(ref reader);
                    break;
                case ClusterKey:
                    cluster = reader.ReadText() ?? "";
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        reader.End();
        if (nonce.Length == 0 || address is null || (PeerRole)role is not (PeerRole.Silo or PeerRole.Client)
            || address.IsClient != ((PeerRole)role == PeerRole.Client))
        {
            reader.Throw("a greeting lacks a part");
        }

        return new Greeting
        {
            MinVersion = minVersion,
            MaxVersion = maxVersion,
            Nonce = nonce,
            Role = (PeerRole)role,
            Address = address,
            Cluster = cluster,
        };
    }
}
