using System.Diagnostics;
using Orleans.Serialization;
using Vault.Runtime.Serialization;

namespace Vault.Runtime.Contracts.Tests.Serialization;

/// <summary>Whatever the bytes are, a reader ends in a value or in a <see cref="SerializerException"/>.</summary>
public sealed class CborFuzzTests
{
    private static readonly bool Long = Environment.GetEnvironmentVariable("VAULT_TEST_LONG") == "1";

    [Fact]
    public void Damaged_messages_end_in_a_value_or_in_a_serializer_exception()
    {
        var random = new Random(20261);
        var codecs = Wire.NewProvider();
        var originals = Originals(codecs);
        var clock = Stopwatch.StartNew();
        var refused = 0;
        var rounds = 0;
        for (; rounds < 200_000 && clock.Elapsed < TimeSpan.FromSeconds(Long ? 60 : 3); rounds++)
        {
            var (type, bytes) = originals[random.Next(originals.Count)];
            var damaged = Damage(random, bytes);
            refused += Refused(codecs.Get(type), damaged) ? 1 : 0;
        }

        Assert.True(rounds > 1_000, $"only {rounds} rounds");
        Assert.InRange(refused, 1, rounds - 1);
    }

    [Fact]
    public void Random_bytes_end_in_a_value_or_in_a_serializer_exception()
    {
        var random = new Random(20262);
        var codecs = Wire.NewProvider();
        var types = Originals(codecs).Select(o => o.Type).ToArray();
        var bytes = new byte[256];
        for (var round = 0; round < 20_000; round++)
        {
            random.NextBytes(bytes);
            var input = bytes.AsSpan(0, random.Next(bytes.Length)).ToArray();
            _ = Refused(codecs.Get(types[random.Next(types.Length)]), input);
        }
    }

    private static bool Refused(Codec codec, byte[] input)
    {
        try
        {
            var reader = new CborReader(input);
            _ = codec.ReadObject(ref reader);
            Assert.InRange(reader.BytesRead, 0, input.Length);
            return false;
        }
        catch (SerializerException)
        {
            return true;
        }
    }

    private static byte[] Damage(Random random, byte[] bytes)
    {
        var damaged = bytes.ToArray();
        for (var flips = random.Next(1, 4); flips > 0 && damaged.Length > 0; flips--)
        {
            switch (random.Next(4))
            {
                case 0:
                    damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
                    break;
                case 2:
                    damaged = damaged[..random.Next(damaged.Length)];
                    break;
                default:
                    var at = random.Next(damaged.Length);
                    damaged = [.. damaged[..at], (byte)random.Next(256), .. damaged[at..]];
                    break;
            }
        }

        return damaged;
    }

    private static List<(Type Type, byte[] Bytes)> Originals(CodecProvider codecs)
    {
        var random = new Random(7);
        var originals = new List<(Type, byte[])>();
        foreach (var (type, make) in RandomValues.Makers)
        {
            for (var i = 0; i < 4; i++)
            {
                var output = new System.Buffers.ArrayBufferWriter<byte>();
                var writer = new CborWriter(output);
                codecs.Get(type).WriteObject(ref writer, make(random));
                writer.Flush();
                originals.Add((type, output.WrittenSpan.ToArray()));
            }
        }

        return originals;
    }
}
