using System.Globalization;
using System.Text.Json;
using Vault.Protocol.Placement;
using Vault.Protocol.Tests.Vectors;

namespace Vault.Protocol.Tests.Placement;

public sealed class RendezvousTests
{
    private static readonly JsonElement Vectors = StorageVectors.Section("placement");

    [Fact]
    public void Fixed_point_logarithms_are_those_of_the_vectors() =>
        Assert.All(Vectors.GetProperty("fixed_point_samples").EnumerateArray(), static sample => Assert.Equal(
            sample.GetProperty("neg_log2_q32").GetUInt64(),
            Rendezvous.NegativeLog2(
                ulong.Parse(sample.Text("x"), NumberStyles.HexNumber, CultureInfo.InvariantCulture) | 1)));

    [Theory]
    [InlineData("ranking_equal_weights")]
    [InlineData("ranking_weighted")]
    public void Rankings_are_those_of_the_vectors(string name)
    {
        var keys = Vectors.GetProperty("nodes").EnumerateArray()
            .ToDictionary(static n => n.Text("name"), static n => n.Bytes("ed25519_public"));
        var cid = Vectors.Bytes("cid");
        var ranking = Vectors.GetProperty(name).EnumerateArray()
            .Select(n => (Weight: n.GetProperty("weight").GetInt32(),
                Distance: Rendezvous.Distance(cid, keys[n.Text("node")]),
                Expected: n.GetProperty("neg_log2_q32").GetUInt64()))
            .ToList();
        Assert.All(ranking, static n => Assert.Equal(n.Expected, n.Distance));
        foreach (var (better, worse) in ranking.Zip(ranking.Skip(1)))
            Assert.True(Rendezvous.Precedes(better.Weight, better.Distance, worse.Weight, worse.Distance));
    }
}
