using System.Buffers;
using Vault.Runtime.Activation;
using Vault.Runtime.Serialization;

namespace Vault.Runtime.Messaging;

/// <summary>
/// What a silo can activate, as CBOR: an array of [grain type, class name, [interface, …]].
/// </summary>
/// <remarks>docs/spec/membership.md; docs/spec/transport.md, section 5</remarks>
internal static class AdvertCodec
{
    /// <summary>More than any program has classes or a class interfaces.</summary>
    private const int MaxCount = 4096;
    private const int KnownElements = 3;

    public static byte[] ToBytes(IReadOnlyList<GrainAdvert> adverts)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var writer = new CborWriter(buffer);
        Write(ref writer, adverts);
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    public static void Write(ref CborWriter writer, IReadOnlyList<GrainAdvert> adverts)
    {
        writer.BeginArray(adverts.Count);
        foreach (var advert in adverts)
        {
            writer.BeginArray(KnownElements);
            writer.WriteText(advert.GrainType);
            writer.WriteText(advert.ClassName);
            writer.BeginArray(advert.Interfaces.Count);
            foreach (var name in advert.Interfaces)
            {
                writer.WriteText(name);
            }

            writer.End();
            writer.End();
        }

        writer.End();
    }

    public static IReadOnlyList<GrainAdvert> Read(ReadOnlySpan<byte> bytes)
    {
        var reader = new CborReader(bytes);
        return Read(ref reader);
    }

    public static IReadOnlyList<GrainAdvert> Read(ref CborReader reader)
    {
        var adverts = new GrainAdvert[Count(ref reader)];
        for (var i = 0; i < adverts.Length; i++)
        {
            var elements = reader.BeginArray();
            if (elements < KnownElements)
            {
                reader.Throw("an advert is too short");
            }

            var (type, name) = (Text(ref reader), Text(ref reader));
            var interfaces = new string[Count(ref reader)];
            for (var j = 0; j < interfaces.Length; j++)
            {
                interfaces[j] = Text(ref reader);
            }

            reader.End();
            for (var j = KnownElements; j < elements; j++)
            {
                reader.Skip(); // of a later release
            }

            reader.End();
            adverts[i] = new GrainAdvert(type, name, interfaces);
        }

        reader.End();
        return adverts;
    }

    private static int Count(ref CborReader reader)
    {
        var count = reader.BeginArray();
        if (count is < 0 or > MaxCount)
        {
            reader.Throw($"at most {MaxCount} elements");
        }

        return count;
    }

    private static string Text(ref CborReader reader)
    {
        var text = reader.ReadText();
        if (text is null)
        {
            reader.Throw("a text");
        }

        return text!;
    }
}
