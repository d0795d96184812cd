using System.Globalization;
using System.Text;
using Vault.Grains.Abstractions.Objects;
using Vault.Sql;

namespace Vault.Grains.Tests.Objects;

/// <summary>Listing against a sorted model in memory.</summary>
public sealed class ListingTests(Databases databases)
{
    private static readonly string[] Pieces = ["a", "b", "/", "//", "é", "😀", "zz", "-", "0", "\u0001", "~", "%25"];

    [Theory, OnBoth]
    public async Task Pages_match_a_sorted_model_for_random_keys_prefixes_and_delimiters(SqlKind kind)
    {
        var random = new Random(20261121);
        await using var cluster = await Cluster.StartAsync(databases, kind);
        var bucket = await cluster.BucketAsync();
        var keys = new SortedSet<string>(ByBytes.Instance);
        while (keys.Count < 400)
        {
            keys.Add(Word(random, 1, 6));
        }

        await Task.WhenAll(keys.Select(k => cluster.PutAsync(Seed.Put(bucket.BucketId, k))));
        for (var i = 0; i < 300; i++)
        {
            var prefix = random.Next(3) == 0 ? "" : Word(random, 0, 2);
            var delimiter = random.Next(3) switch { 0 => "", 1 => "/", _ => Pieces[random.Next(Pieces.Length)] };
            var after = random.Next(3) == 0 ? Word(random, 0, 4) : "";
            await AssertPagesAsync(cluster, keys, prefix, delimiter, after, limit: random.Next(1, 40));
        }
    }

    [Theory, OnBoth]
    public async Task Big_groups_are_passed_over(SqlKind kind)
    {
        await using var cluster = await Cluster.StartAsync(databases, kind);
        var bucket = await cluster.BucketAsync();
        var keys = new SortedSet<string>(ByBytes.Instance);
        for (var i = 0; i < 1500; i++)
        {
            keys.Add($"g{i % 5}/{i:d5}");
            keys.Add(string.Create(CultureInfo.InvariantCulture, $"h{i:d5}/only"));
        }

        await Task.WhenAll(keys.Select(k => cluster.PutAsync(Seed.Put(bucket.BucketId, k))));
        await AssertPagesAsync(cluster, keys, "", "/", "", 1000);
        await AssertPagesAsync(cluster, keys, "g", "/", "", 2);
        await AssertPagesAsync(cluster, keys, "", "", "", 1000);
        await AssertPagesAsync(cluster, keys, "g3/", "/", "", 1000);
    }

    [Theory, OnBoth]
    public async Task Listing_says_when_the_bucket_is_gone_and_takes_a_limit_of_zero(SqlKind kind)
    {
        await using var cluster = await Cluster.StartAsync(databases, kind);
        var bucket = await cluster.BucketAsync();
        await cluster.PutAsync(Seed.Put(bucket.BucketId, "k"));
        var lister = cluster.Grains.GetGrain<IObjectListGrain>(0);
        Assert.Null((await lister.ListAsync(new ListRequest { Bucket = "nobody", Limit = 10 }, default)).Bucket);
        var none = await lister.ListAsync(new ListRequest { Bucket = "bucket", Limit = 0 }, default);
        Assert.Equal((bucket, 0, false), (none.Bucket, none.Entries.Length, none.Truncated));
    }

    private static async Task AssertPagesAsync(
        Cluster cluster, SortedSet<string> keys, string prefix, string delimiter, string after, int limit)
    {
        var expected = Model(keys, prefix, delimiter, after);
        var lister = cluster.Grains.GetGrain<IObjectListGrain>(0);
        var actual = new List<string>();
        ReadOnlyMemory<byte> position = Encoding.UTF8.GetBytes(after);
        while (true)
        {
            var page = await lister.ListAsync(
                new ListRequest
                {
                    Bucket = "bucket", Prefix = Encoding.UTF8.GetBytes(prefix), After = position,
                    Delimiter = Encoding.UTF8.GetBytes(delimiter), Limit = limit,
                },
                default);
            var found = page.Entries.Select(e => Encoding.UTF8.GetString(e.Key.Span))
                .Concat(page.CommonPrefixes.Select(p => Encoding.UTF8.GetString(p.Span) + "*"))
                .Order(ByBytes.Instance).ToArray();
            actual.AddRange(found);
            Assert.True(found.Length == limit || !page.Truncated, "A page is full or the last.");
            if (!page.Truncated)
            {
                break;
            }

            position = page.Last;
        }

        Assert.Equal(expected, actual);
    }

    /// <summary>Keys, and common prefixes marked with a star, in the order of their bytes.</summary>
    private static List<string> Model(SortedSet<string> keys, string prefix, string delimiter, string after)
    {
        var result = new List<string>();
        foreach (var key in keys)
        {
            if (!key.StartsWith(prefix, StringComparison.Ordinal))
            {
                continue;
            }

            var at = delimiter.Length == 0 ? -1 : key.IndexOf(delimiter, prefix.Length, StringComparison.Ordinal);
            var group = at < 0 ? null : key[..(at + delimiter.Length)];
            if (ByBytes.Instance.Compare(key, after) <= 0 || group == after)
            {
                continue;
            }

            var item = group is null ? key : group + "*";
            if (result.Count == 0 || result[^1] != item)
            {
                result.Add(item);
            }
        }

        return result;
    }

    private static string Word(Random random, int least, int most) =>
        string.Concat(
            Enumerable.Range(0, random.Next(least, most + 1)).Select(_ => Pieces[random.Next(Pieces.Length)]));

    private sealed class ByBytes : IComparer<string>
    {
        public static readonly ByBytes Instance = new();

        public int Compare(string? x, string? y) =>
            Encoding.UTF8.GetBytes(x!.TrimEnd('*')).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(y!.TrimEnd('*')));
    }
}
