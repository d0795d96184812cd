using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace Vault.Runtime.Contracts.Tests.Serialization;

public sealed class SerializerTests
{
    [Fact]
    public void The_public_serializer_round_trips()
    {
        using var services = Wire.NewServices();
        var serializer = services.GetRequiredService<Serializer>();
        var bytes = serializer.SerializeToArray(new OldMessage { Name = "n", Size = 1 });
        Assert.Equal(new OldMessage { Name = "n", Size = 1 }, serializer.Deserialize<OldMessage>(bytes));
        Assert.Equal(
            [1, 2],
            serializer.GetSerializer<int[]>().Deserialize(serializer.GetSerializer<int[]>().SerializeToArray([1, 2])));
    }

    [Fact]
    public void The_public_copier_copies()
    {
        using var services = Wire.NewServices();
        var copier = services.GetRequiredService<DeepCopier>();
        int[] values = [1];
        Assert.NotSame(values, copier.Copy(values));
        Assert.NotSame(values, copier.GetCopier<int[]>().Copy(values));
    }

    [Fact]
    public void A_type_without_a_codec_is_refused()
    {
        using var services = Wire.NewServices();
        Assert.Throws<CodecNotFoundException>(
            () => services.GetRequiredService<Serializer>().SerializeToArray(new Unmarked()));
    }

    [Fact]
    public void Without_named_assemblies_all_loaded_ones_are_known()
    {
        using var services = new ServiceCollection().AddSerializer().BuildServiceProvider();
        Assert.NotEmpty(
            services.GetRequiredService<Serializer>().SerializeToArray(new OldMessage { Name = "n", Size = 1 }));
    }
}
