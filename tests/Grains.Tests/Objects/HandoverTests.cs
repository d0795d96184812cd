using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.TestingHost;
using Vault.Grains.Abstractions.Buckets;
using Vault.Grains.Abstractions.Objects;
using Vault.Grains.Abstractions.Wire;
using Vault.Protocol.Ids;
using Vault.Sql;
using Vault.Storage.Shards;
using Vault.Storage.Volumes;

namespace Vault.Grains.Tests.Objects;

/// <summary>Index grains that move between silos while keys are written.</summary>
public sealed class HandoverTests(Databases databases)
{
    private const int Writers = 8;

    [Theory, OnBoth]
    public async Task Acknowledged_puts_survive_silos_that_join_leave_and_die(SqlKind kind)
    {
        await using var database = await databases.OpenAsync(kind);
        var bucket = await database.BucketAsync();
        await using var volume = await Volume.OpenAsync(
            new()
            {
                Path = Path.Combine(databases.NewDirectory(), "volume"),
                LogBytes = 4 << 20,
                DatabaseReserveBytes = 0,
            },
            null, TimeProvider.System, NullLoggerFactory.Instance);
        await using var cluster = new InProcessTestClusterBuilder(2).ConfigureSilo((_, silo) =>
        {
            silo.Services.AddSingleton(database).AddSingleton(new ShardClient([volume])).AddGrains();
            silo.UseInMemoryReminderService();
        }).Build();
        await cluster.DeployAsync();
        using var acknowledged = new SemaphoreSlim(0);
        using var stop = new CancellationTokenSource();
        var writers = Enumerable.Range(0, Writers)
            .Select(i => Task.Run(() => WriteAsync(cluster.Client, bucket, $"key-{i}", acknowledged, stop.Token)))
            .ToArray();

        await SeeAsync(acknowledged, 100);
        var third = await cluster.StartAdditionalSiloAsync();
        await SeeAsync(acknowledged, 100);
        await cluster.StopSiloAsync(cluster.Silos[0]);
        await SeeAsync(acknowledged, 100);
        await cluster.KillSiloAsync(third);
        await SeeAsync(acknowledged, 100);
        await stop.CancelAsync();

        var last = await Task.WhenAll(writers);
        for (var i = 0; i < Writers; i++)
        {
            var read = await cluster.Client.GetGrain<IObjectReadGrain>(0).ReadAsync(
                new HeadRequest { Bucket = "bucket", Key = Seed.Key($"key-{i}") }, default);
            Assert.True(read.Head!.Size >= last[i].Size, $"{read.Head.Size} is there, {last[i].Size} was acknowledged");
            Assert.True(read.Head.Sequence >= last[i].Sequence);
        }

        Assert.Equal(Writers, await database.CountAsync("object_body"));
        var usage = await cluster.Client.GetGrain<IBucketGrain>(bucket.ToString()).ReadUsageAsync(default);
        Assert.Equal(Writers, usage.Objects);
    }

    private static async Task SeeAsync(SemaphoreSlim acknowledged, int count)
    {
        for (var i = 0; i < count; i++)
        {
            await acknowledged.WaitAsync();
        }
    }

    /// <summary>Writes one key over and over, each time a byte more.</summary>
    /// <returns>Size and sequence of the last version that was acknowledged.</returns>
    private static async Task<(long Size, long Sequence)> WriteAsync(
        IClusterClient client, BucketId bucket, string key, SemaphoreSlim acknowledged, CancellationToken stop)
    {
        Assert.True(ObjectKey.TryParse(Seed.Key(key), out var parsed));
        var grain = client.GetGrain<IObjectIndexGrain>($"{bucket}/{parsed.Partition(16):x2}");
        (long Size, long Sequence) last = (0, 0);
        for (var size = 1; !stop.IsCancellationRequested; size++)
        {
            try
            {
                var result = await grain.PutAsync(
                    Seed.Put(bucket, key, new string('x', size % 4000 + 1)) with { Size = size }, default);
                Assert.Equal(CommitStatus.Ok, result.Status);
                Assert.True(result.Sequence > last.Sequence);
                last = (size, result.Sequence);
                acknowledged.Release();
            }
            catch (Exception e)
                when (e is OrleansException or TimeoutException or StoreUnavailableException or OutcomeUnknownException)
            {
                // Not acknowledged: it may be there or not.
            }
        }

        return last;
    }
}
