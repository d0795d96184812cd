using System.Buffers;
using Vault.Generated.Vault_Runtime_Contracts_Tests;
using Vault.Runtime.Metadata;
using Vault.Runtime.Serialization;

namespace Vault.Runtime.Contracts.Tests.Serialization;

/// <summary>The codecs of this assembly's types, and values turned into bytes and back by them.</summary>
internal static class Wire
{
    public static CodecProvider NewProvider()
    {
        var builder = new GrainManifestBuilder();
        new GeneratedManifest().Register(builder);
        return new CodecProvider(builder.Codecs);
    }

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
