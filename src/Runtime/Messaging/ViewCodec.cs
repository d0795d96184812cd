using System.Buffers;
using System.Collections.Immutable;
using Vault.Runtime.Activation;
using Vault.Runtime.Ownership;
using Vault.Runtime.Serialization;

namespace Vault.Runtime.Messaging;

/// <summary>A view as clients are told it; docs/spec/transport.md, section 5.</summary>
internal static class ViewCodec
{
    private const int NumberKey = 0;
    private const int OwnersKey = 1;
    private const int LeaversKey = 2;
    private const int RetiredKey = 3;
    private const int AddressKey = 0;
    private const int NameKey = 1;
    private const int WeightKey = 2;
    private const int AdvertsKey = 3;
    private static readonly SiloAddressCodec s_address = new();

    public static void Write(IBufferWriter<byte> output, ClusterView view)
    {
        var writer = new CborWriter(output);
        writer.BeginArray(2);
        writer.WriteInt64((int)FrameKind.View);
        writer.BeginMap(4);
        writer.WriteKey(NumberKey);
        writer.WriteInt64(view.Number);
        writer.WriteKey(OwnersKey);
        WriteMembers(ref writer, view.Owners);
        writer.WriteKey(LeaversKey);
        WriteMembers(ref writer, view.Leavers);
        writer.WriteKey(RetiredKey);
        writer.BeginArray(view.Retired.Length);
        foreach (var address in view.Retired)
        {
            s_address.Write(ref writer, address);
        }

        writer.End();
        writer.End();
        writer.End();
        writer.Flush();
    }

    /// <summary>Reads a view; the frame's kind has been read.</summary>
    public static ClusterView Read(ref CborReader reader)
    {
        var number = 0L;
        ImmutableArray<Member> owners = [], leavers = [];
        ImmutableArray<SiloAddress> retired = [];
        var pairs = reader.BeginMap();
        for (var i = 0; i < pairs; i++)
        {
            switch (reader.ReadKey())
            {
                case NumberKey:
                    number = reader.ReadInt64();
                    break;
                case OwnersKey:
                    owners = ReadMembers(ref reader);
                    break;
                case LeaversKey:
                    leavers = ReadMembers(ref reader);
                    break;
                case RetiredKey:
                    retired = ReadAddresses(ref reader);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        reader.End();
        return new ClusterView(number, owners, leavers, retired);
    }

    private static void WriteMembers(ref CborWriter writer, ImmutableArray<Member> members)
    {
        writer.BeginArray(members.Length);
        foreach (var member in members)
        {
            writer.BeginMap(4);
            writer.WriteKey(AddressKey);
            s_address.Write(ref writer, member.Address);
            writer.WriteKey(NameKey);
            writer.WriteText(member.Name);
            writer.WriteKey(WeightKey);
            writer.WriteInt64(member.Weight);
            writer.WriteKey(AdvertsKey);
            AdvertCodec.Write(ref writer, member.Adverts);
            writer.End();
        }

        writer.End();
    }

    private static ImmutableArray<Member> ReadMembers(ref CborReader reader)
    {
        var members = ImmutableArray.CreateBuilder<Member>();
        for (var left = reader.BeginArray(); left > 0; left--)
        {
            members.Add(ReadMember(ref reader));
        }

        reader.End();
        return members.ToImmutable();
    }

    private static Member ReadMember(ref CborReader reader)
    {
        SiloAddress? address = null;
        var name = "";
        var weight = 1;
        IReadOnlyList<GrainAdvert> adverts = [];
        var pairs = reader.BeginMap();
        for (var i = 0; i < pairs; i++)
        {
            switch (reader.ReadKey())
            {
                case AddressKey:
                    address = s_address.Read(ref reader);
                    break;
                case NameKey:
                    name = reader.ReadText() ?? "";
                    break;
                case WeightKey:
                    weight = reader.ReadInt32();
                    break;
                case AdvertsKey:
                    adverts = AdvertCodec.Read(ref reader);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        reader.End();
        if (address is null)
        {
            reader.Throw("a member has no address");
        }

        return new Member(address, name, weight, adverts);
    }

    private static ImmutableArray<SiloAddress> ReadAddresses(ref CborReader reader)
    {
        var addresses = ImmutableArray.CreateBuilder<SiloAddress>();
        for (var left = reader.BeginArray(); left > 0; left--)
        {
            addresses.Add(s_address.Read(ref reader) ?? SiloAddress.Zero);
        }

        reader.End();
        return addresses.ToImmutable();
    }
}
