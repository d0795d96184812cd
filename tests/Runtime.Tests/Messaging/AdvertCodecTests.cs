using System.Buffers;
using Orleans.Serialization;
using Vault.Runtime.Messaging;
using Vault.Runtime.Serialization;

namespace Vault.Runtime.Tests.Messaging;

public sealed class AdvertCodecTests
{
    [Fact]
    public void What_a_later_release_adds_to_an_advert_is_skipped()
    {
        var buffer = new ArrayBufferWriter<byte>();
        var writer = new CborWriter(buffer);
        writer.BeginArray(1);
        writer.BeginArray(5);
        writer.WriteText("type");
        writer.WriteText("Class");
        writer.BeginArray(1);
        writer.WriteText("IOne");
        writer.End();
        writer.WriteInt64(7);
        writer.BeginArray(1);
        writer.WriteText("new");
        writer.End();
        writer.End();
        writer.End();
        writer.Flush();

        var advert = Assert.Single(AdvertCodec.Read(buffer.WrittenSpan));

        Assert.Equal(("type", "Class"), (advert.GrainType, advert.ClassName));
        Assert.Equal(["IOne"], advert.Interfaces);
    }

    [Fact]
    public void An_advert_that_lacks_an_element_is_refused()
    {
        var buffer = new ArrayBufferWriter<byte>();
        var writer = new CborWriter(buffer);
        writer.BeginArray(1);
        writer.BeginArray(2);
        writer.WriteText("type");
        writer.WriteText("Class");
        writer.End();
        writer.End();
        writer.Flush();

        Assert.Throws<SerializerException>(() => AdvertCodec.Read(buffer.WrittenSpan));
    }
}
