using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Text;
using Vault.Runtime.Messaging.Tcp;
using Vault.Runtime.Serialization;
using Vault.Runtime.Tests.Support;

namespace Vault.Runtime.Tests.Messaging;

public sealed class HandshakeTests
{
    private static readonly byte[] s_secret = Encoding.UTF8.GetBytes(TcpCluster.Secret);
    private static readonly SiloAddress s_silo = SiloAddress.New(IPAddress.Loopback, 11111, 7);
    private static readonly SiloAddress s_client = SiloAddress.New(IPAddress.IPv6Loopback, 0, -9);

    [Fact]
    public void Both_sides_learn_who_the_other_is()
    {
        var (connecting, accepting) = Shake(Client(), Silo());

        Assert.Equal(new Peer(s_silo, Handshake.MaxVersion), connecting());
        Assert.Equal(new Peer(s_client, Handshake.MaxVersion), accepting());
    }

    [Fact]
    public void Another_secret_is_refused_and_gets_no_proof()
    {
        var wires = new Wires();
        var other = Client("another secret of many bytes"u8.ToArray());
        var (connecting, accepting) = Shake(other, Silo(), wires: wires);

        Assert.Equal(HandshakeFailure.Secret, Failure(accepting));
        Assert.Equal(HandshakeFailure.Closed, Failure(connecting));
        Assert.Single(Messages(wires.FromAccepting));
    }

    [Fact]
    public void A_recorded_handshake_does_not_work_again()
    {
        var wires = new Wires();
        var (connecting, accepting) = Shake(Client(), Silo(), wires: wires);
        connecting();
        accepting();

        Assert.Equal(
            HandshakeFailure.Secret, Failure(() => Silo().Accept(new Script(wires.FromConnecting.ToArray()))));
    }

    [Fact]
    public void A_proof_of_one_side_is_none_of_the_other()
    {
        // whoever sends a silo's own words back to it knows nothing
        var echo = new Mirror();
        Assert.NotEqual(default, Failure(() => Silo().Accept(echo)));
    }

    [Fact]
    public void Another_cluster_and_another_silo_than_the_called_one_are_refused()
    {
        var (_, accepting) = Shake(new Handshake(s_secret, "another", s_client), Silo());
        Assert.Equal(HandshakeFailure.Cluster, Failure(accepting));

        var (connecting, _) = Shake(Client(), Silo(), SiloAddress.New(IPAddress.Loopback, 11111, 6));
        Assert.Equal(HandshakeFailure.Address, Failure(connecting));
    }

    [Fact]
    public void The_highest_common_version_is_chosen_and_none_in_common_is_said()
    {
        Assert.Equal(HandshakeFailure.Version, Failure(() => Silo().Accept(new Script(Opening(2, 9)))));
        var answered = new Script(Opening(1, 9));
        Assert.Equal(HandshakeFailure.Closed, Failure(() => Silo().Accept(answered)));
        var greeting = Greeting.Read(Messages(answered.Written)[0]);
        Assert.Equal((1, 1), (greeting.MinVersion, greeting.MaxVersion));
    }

    [Fact]
    public void Greetings_of_later_builds_may_say_more()
    {
        var output = new ArrayBufferWriter<byte>();
        var known = Hello(1, 1).ToBytes();
        output.Write([(byte)(known[0] + 1)]);
        output.Write(known.AsSpan(1));
        var writer = new CborWriter(output);
        writer.WriteKey(99);
        writer.WriteText("new");
        writer.Flush();

        Assert.Equal(s_client, Greeting.Read(output.WrittenSpan).Address);
    }

    [Fact]
    public void A_long_message_is_refused_before_it_is_taken()
    {
        var opening = new byte[8];
        "VLTP"u8.CopyTo(opening);
        BinaryPrimitives.WriteUInt32LittleEndian(opening.AsSpan(4), uint.MaxValue);
        var script = new Script(opening);
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Equal(HandshakeFailure.Malformed, Failure(() => Silo().Accept(script)));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 << 10);
    }

    [Fact]
    public void Whatever_strangers_send_ends_in_a_refusal()
    {
        var random = new Random(20261121);
        var valid = Opening(1, 1);
        var until = Stopwatch.GetTimestamp() + (2 * Stopwatch.Frequency);
        for (var i = 0; i < 20_000 && Stopwatch.GetTimestamp() < until; i++)
        {
            var bytes = random.Next(4) == 0 ? new byte[random.Next(200)] : [.. valid];
            for (var n = random.Next(1, 12); n > 0 && bytes.Length > 0; n--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            Failure(() => Silo().Accept(new Script(bytes[..random.Next(bytes.Length + 1)])));
            Failure(() => Client().Connect(new Script(bytes.AsSpan(Math.Min(4, bytes.Length)).ToArray()), null));
        }
    }

    [Fact]
    public void Frames_are_found_however_they_are_cut_and_long_ones_are_refused()
    {
        var random = new Random(20261122);
        var until = Stopwatch.GetTimestamp() + (2 * Stopwatch.Frequency);
        for (var i = 0; i < 5_000 && Stopwatch.GetTimestamp() < until; i++)
        {
            var frames = Enumerable.Range(0, random.Next(1, 6)).Select(_ => new byte[random.Next(0, 40)]).ToList();
            frames.ForEach(random.NextBytes);
            var bytes = frames.SelectMany(f => BitConverter.GetBytes(f.Length).Concat(f)).ToArray();
            var input = Segment.Cut(bytes, random);
            foreach (var frame in frames)
            {
                Assert.True(FrameReader.TryRead(ref input, 64, out var found));
                Assert.Equal(frame, found.ToArray());
            }

            Assert.False(FrameReader.TryRead(ref input, 64, out _));
            var tooLong = Segment.Cut([65, 0, 0, 0], random);
            Assert.Throws<InvalidDataException>(() => FrameReader.TryRead(ref tooLong, 64, out _));
        }
    }

    private static Handshake Silo() => new(s_secret, "default", s_silo);

    private static Handshake Client(byte[]? secret = null) => new(secret ?? s_secret, "default", s_client);

    private static Greeting Hello(int minVersion, int maxVersion) => new()
    {
        MinVersion = minVersion,
        MaxVersion = maxVersion,
        Nonce = new byte[Greeting.NonceBytes],
        Role = PeerRole.Client,
        Address = s_client,
        Cluster = "default",
    };

    private static byte[] Opening(int minVersion, int maxVersion)
    {
        var greeting = Hello(minVersion, maxVersion).ToBytes();
        return [.. "VLTP"u8, .. BitConverter.GetBytes(greeting.Length), .. greeting];
    }

    private static HandshakeFailure Failure(Func<Peer> side) => Assert.Throws<HandshakeException>(() => side()).Failure;

    private static List<byte[]> Messages(MemoryStream stream)
    {
        var messages = new List<byte[]>();
        var input = new ReadOnlySequence<byte>(stream.ToArray());
        while (FrameReader.TryRead(ref input, Handshake.MaxMessageBytes, out var message))
        {
            messages.Add(message.ToArray());
        }

        return messages;
    }

    private static (Func<Peer> Connecting, Func<Peer> Accepting) Shake(
        Handshake connecting, Handshake accepting, SiloAddress? expected = null, Wires? wires = null)
    {
        wires ??= new Wires();
        var one = Task.Run(() => wires.Use(wires.Connecting, w => connecting.Connect(w, expected)));
        var other = Task.Run(() => wires.Use(wires.Accepting, w => accepting.Accept(w)));
        return (() => one.GetAwaiter().GetResult(), () => other.GetAwaiter().GetResult());
    }
}
