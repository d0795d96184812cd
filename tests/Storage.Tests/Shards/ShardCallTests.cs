using System.Text;
using Vault.Protocol.Ids;
using Vault.Storage.Shards;

namespace Vault.Storage.Tests.Shards;

public sealed class ShardCallTests
{
    private static readonly Cid Shard = Cid.Compute("shard"u8);

    [Fact]
    public void A_target_says_everything_and_is_read_back()
    {
        foreach (var call in Samples())
        {
            Assert.True(ShardCall.TryParse(call.Method, call.Target, out var read));
            Assert.Equal(call, read);
            Assert.True(call.Target.Length <= ShardMac.MaxTarget);
        }
    }

    [Theory]
    [InlineData("GET", "/shard/v1/")]
    [InlineData("GET", "/shard/v2/ping")]
    [InlineData("POST", "/shard/v1/ping")]
    [InlineData("GET", "/shard/v1/4294967296/records/0/1")]
    [InlineData("GET", "/shard/v1/1/records/0/513")]
    [InlineData("GET", "/shard/v1/1/records/0/0")]
    [InlineData("GET", "/shard/v1/1/records/-1/5")]
    [InlineData("GET", "/shard/v1/ 1/records/0/5")]
    [InlineData("PUT", "/shard/v1/1/00/00/0/0")]
    [InlineData("GET", "/shard/v1/ping?x=1")]
    public void Anything_else_is_refused(string method, string target) =>
        Assert.False(ShardCall.TryParse(method, target, out _));

    [Fact]
    public void Garbage_is_refused_or_read_as_what_it_says()
    {
        var random = new Random(11);
        var until = DateTime.UtcNow.AddSeconds(2);
        var samples = Samples().ToArray();
        Span<byte> id = stackalloc byte[16];
        Span<byte> mac = stackalloc byte[32];
        for (var i = 0; i < 200_000 && DateTime.UtcNow < until; i++)
        {
            var call = samples[random.Next(samples.Length)];
            var text = new StringBuilder(call.Target);
            for (var changes = random.Next(1, 4); changes > 0; changes--)
            {
                var at = random.Next(text.Length);
                if (random.Next(2) == 0) text[at] = (char)random.Next(32, 300);
                else text.Remove(at, Math.Min(random.Next(1, 9), text.Length - at));
                if (text.Length == 0) text.Append('/');
            }

            var target = text.ToString();
            if (ShardCall.TryParse(call.Method, target, out var read) && read.Target.Length == target.Length)
                Assert.Equal(target, read.Target, ignoreCase: true);
            ShardSessions.TryParse(target, id, out _, mac);
        }
    }

    [Fact]
    public void A_counter_is_taken_once_in_whatever_order()
    {
        var window = new CounterWindow();
        var random = new Random(5);
        var order = Enumerable.Range(1, 20_000).ToArray();
        for (var i = 0; i < order.Length; i++) // neighbours change places, by less than the window
        {
            var other = Math.Min(order.Length - 1, i + random.Next(1000));
            (order[i], order[other]) = (order[other], order[i]);
        }

        var taken = new HashSet<int>();
        foreach (var counter in order)
        {
            if (window.TryTake((ulong)counter)) Assert.True(taken.Add(counter));
            Assert.False(window.TryTake((ulong)counter));
        }

        Assert.True(taken.Count > 15_000);
        Assert.False(window.TryTake(0));
        Assert.True(window.TryTake(1_000_000));
        Assert.False(window.TryTake(20_001));
        Assert.True(window.TryTake(1_000_000 - 4095));
        Assert.False(window.TryTake(1_000_000 - 4096));
    }

    private static IEnumerable<ShardCall> Samples()
    {
        yield return new(ShardOperation.Session);
        yield return new(ShardOperation.Ping);
        yield return new(
            ShardOperation.Store, uint.MaxValue, Shard, new ObjectId(UInt128.MaxValue), uint.MaxValue, byte.MaxValue);
        yield return new(ShardOperation.Read, 3, Shard, Sequence: ulong.MaxValue);
        yield return new(ShardOperation.Delete, 3, Shard, Sequence: 5);
        yield return new(ShardOperation.Report, 3, Shard);
        yield return new(ShardOperation.Stat, 3);
        yield return new(ShardOperation.List, 3, Sequence: 77, Limit: 512);
    }
}
