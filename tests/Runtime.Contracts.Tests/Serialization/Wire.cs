using System.Buffers;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;
using Vault.Runtime.Serialization;

namespace Vault.Runtime.Contracts.Tests.Serialization;

/// <summary>The codecs of this assembly's types, and values turned into bytes and back by them.</summary>
internal static class Wire
{
    public static CodecProvider NewProvider() => NewServices().GetRequiredService<CodecProvider>();

    public static ServiceProvider NewServices() => new ServiceCollection()
        .AddSerializer(static serializer => serializer.AddAssembly(typeof(Wire).Assembly))
        .BuildServiceProvider();

    public static byte[] Write<T>(this CodecProvider codecs, T value)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new CborWriter(output);
        codecs.Get<T>().Write(ref writer, value);
        writer.Flush();
        return output.WrittenSpan.ToArray();
    }

    public static T Read<T>(this CodecProvider codecs, ReadOnlySpan<byte> bytes)
    {
        var reader = new CborReader(bytes);
        var value = codecs.Get<T>().Read(ref reader);
        Assert.Equal(bytes.Length, reader.BytesRead);
        return value;
    }

    public static T RoundTrip<T>(this CodecProvider codecs, T value) => codecs.Read<T>(codecs.Write(value));
}
