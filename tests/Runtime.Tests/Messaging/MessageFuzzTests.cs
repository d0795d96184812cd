using System.Buffers;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Net;
using Orleans.Serialization;
using Vault.Runtime.Activation;
using Vault.Runtime.Messaging;
using Vault.Runtime.Ownership;
using Vault.Runtime.Serialization;

namespace Vault.Runtime.Tests.Messaging;

public sealed class MessageFuzzTests
{
    [Fact]
    public void Views_come_back_as_they_were_told()
    {
        var view = View();
        var reader = new CborReader(Encode(view));

        Assert.Equal(FrameKind.View, MessageCodec.Kind(ref reader));
        var told = ViewCodec.Read(ref reader);

        Assert.Equal(view.Number, told.Number);
        Assert.Equal(view.Owners.Select(Describe), told.Owners.Select(Describe));
        Assert.Equal(view.Leavers.Select(Describe), told.Leavers.Select(Describe));
        Assert.Equal(view.Retired, told.Retired);
        for (var i = 0; i < 200; i++)
        {
            var id = GrainId.Create("a", $"k{i}");
            Assert.Equal(view.OwnerOf(id), told.OwnerOf(id));
        }
    }

    [Fact]
    public void Damaged_views_and_requests_are_told_from_whole_ones_or_read()
    {
        var random = new Random(20261124);
        var view = Encode(View());
        byte[] request =
        [
            0x87, 1, 5, 3, 0x1b, 1, 2, 3, 4, 5, 6, 7, 8, 0x82, 0x41, 97, 0x41, 98, 0xa2, 1, 0xf5, 2, 0x82, 1, 2, 0x80,
        ];
        var until = Stopwatch.GetTimestamp() + (2 * Stopwatch.Frequency);
        for (var i = 0; i < 50_000 && Stopwatch.GetTimestamp() < until; i++)
        {
            Try(Damage(view, random), static (ref CborReader reader) => ViewCodec.Read(ref reader));
            Try(Damage(request, random), static (ref CborReader reader) => s_codec.ReadRequest(ref reader));
        }
    }

    private static readonly MessageCodec s_codec = new(new CodecProvider(new CodecRegistry()));

    private delegate void Reading(ref CborReader reader);

    private static void Try(byte[] bytes, Reading read)
    {
        var reader = new CborReader(bytes);
        try
        {
            MessageCodec.Kind(ref reader);
            read(ref reader);
        }
        catch (SerializerException)
        {
            // it was noticed
        }
    }

    private static byte[] Damage(byte[] bytes, Random random)
    {
        byte[] damaged = [.. bytes];
        for (var n = random.Next(1, 6); n > 0; n--)
        {
            damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
        }

        return damaged[..random.Next(damaged.Length + 1)];
    }

    private static string Describe(Member member) => $"{member.Address} {member.Name} {member.Weight} "
        + string.Join(";", member.Adverts.Select(a => $"{a.GrainType} {a.ClassName} {string.Join(",", a.Interfaces)}"));

    private static byte[] Encode(ClusterView view)
    {
        var output = new ArrayBufferWriter<byte>();
        ViewCodec.Write(output, view);
        return output.WrittenSpan.ToArray();
    }

    private static ClusterView View()
    {
        ImmutableArray<Member> members =
        [
            .. Enumerable.Range(1, 4).Select(i => new Member(
                SiloAddress.New(IPAddress.Parse($"10.0.0.{i}"), 11111, i), $"silo-{i}", i,
                [new GrainAdvert("a", "Of.A", ["ia", "ib"]), new GrainAdvert("b", "Of.B", [])])),
        ];
        return new ClusterView(17, members[..3], members[3..], [SiloAddress.New(IPAddress.IPv6Loopback, 1, 2)]);
    }
}
