using Vault.Load.Running;
using Vault.Load.Workload;

namespace Vault.Load.Tests;

public sealed class MeasuringTests
{
    [Fact]
    public void Percentiles_are_right_to_two_percent()
    {
        var (histogram, other) = (new LatencyHistogram(), new LatencyHistogram());
        for (var i = 1; i <= 100_000; i++)
            (i % 2 == 0 ? histogram : other).Add(TimeSpan.FromMicroseconds(i));
        histogram.Merge(other);

        Assert.Equal(100_000, histogram.Count);
        foreach (var share in new[] { 0.001, 0.5, 0.9, 0.99, 0.999, 1 })
            Assert.InRange(histogram.Percentile(share), 100_000 * share, 102_000 * share);
    }

    [Fact]
    public void An_empty_histogram_has_no_percentiles() => Assert.Equal(0, new LatencyHistogram().Percentile(0.5));

    [Fact]
    public void Long_durations_have_their_place()
    {
        var histogram = new LatencyHistogram();
        histogram.Add(TimeSpan.FromHours(30));
        Assert.InRange(histogram.Percentile(1), 108e9, 111e9);
    }

    [Fact]
    public void Keys_are_distinct_and_scattered()
    {
        var keys = new KeySpace("load/", 0);
        var names = Enumerable.Range(0, 50_000).Select(i => keys.KeyOf(i)).ToArray();
        Assert.Equal(names.Length, names.Distinct().Count());
        Assert.NotEqual(names.Order(StringComparer.Ordinal), names);
        Assert.Equal(
            10, Enumerable.Range(0, 1000).Select(i => new KeySpace("", 10).KeyOf(i).Split('/')[0]).Distinct().Count());
    }

    [Fact]
    public void Fill_and_delete_use_each_key_once()
    {
        foreach (var operation in new[] { Operation.Fill, Operation.Delete })
        {
            var plan = new Plan(operation, 1000);
            var random = new Random(1);
            Assert.Equal(
                Enumerable.Range(0, 1000).Select(i => (long)i), Steps(plan, random).Select(step => step.Index));
        }
    }

    [Fact]
    public void Half_of_the_puts_overwrite_and_the_others_are_new()
    {
        var plan = new Plan(Operation.Put, 1000);
        var random = new Random(1);
        var steps = Enumerable.Range(0, 20_000).Select(_ => plan.Next(random)!.Value.Index).ToArray();
        Assert.InRange(steps.Count(index => index < 1000), 9_700, 10_300);
        var fresh = steps.Where(index => index >= 1000).ToArray();
        Assert.Equal(fresh.Length, fresh.Distinct().Count());
    }

    private static IEnumerable<Step> Steps(Plan plan, Random random)
    {
        while (plan.Next(random) is { } step)
            yield return step;
    }
}
