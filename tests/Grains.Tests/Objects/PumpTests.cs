using System.Threading.Channels;
using Vault.Grains.Abstractions.Objects;
using Vault.Grains.Tests.TwoActivations;
using Vault.Sql;

namespace Vault.Grains.Tests.Objects;

/// <summary>The index grain's pump on the engine as it is: calls interleave, wait together, and leave in time.</summary>
public sealed class PumpTests(Databases databases)
{
    [Fact]
    public async Task What_waits_for_a_commit_shares_the_next_one_and_what_is_cancelled_leaves_before_it_is_sent()
    {
        var sql = new SqlView(await (await databases.Postgres).CreateDatabaseAsync());
        var arrivals = new Arrivals();
        await using var cluster = await Cluster.StartAsync(
            databases, SqlKind.Postgres,
            postgres: new()
            {
                ConnectionString = sql.ConnectionString, StatementTimeout = TimeSpan.FromSeconds(30),
                AnswerTimeout = TimeSpan.FromSeconds(60),
            },
            silo: silo => silo.AddIncomingGrainCallFilter(arrivals));
        var bucket = (await cluster.BucketAsync()).BucketId;
        var keys = Enumerable.Range(0, 1000).Select(static i => $"k{i}")
            .Where(key => cluster.Index(bucket, key).Equals(cluster.Index(bucket, "k0"))).Take(6).ToArray();
        Assert.Equal(6, keys.Length);
        using var cancelSent = new CancellationTokenSource();
        using var cancelWaiting = new CancellationTokenSource();
        var holder = await sql.HoldAsync("select 1 from bucket for update");

        var sent = PutAsync(keys[0], cancelSent.Token);
        var sentToken = await arrivals.NextAsync();
        await sql.WaitForBlockedAsync(1);
        var cancelled = PutAsync(keys[1], cancelWaiting.Token);
        var waitingToken = await arrivals.NextAsync(); // it came in although the first is in the middle of its commit
        var others = keys[2..].Select(key => PutAsync(key, default)).ToArray();
        foreach (var _ in others) await arrivals.NextAsync();
        await cancelWaiting.CancelAsync();
        await Arrivals.CancelledAsync(waitingToken);
        await cancelSent.CancelAsync();
        await Arrivals.CancelledAsync(sentToken);
        await holder.DisposeAsync();

        var results = await Task.WhenAll(others);
        Assert.All(results, static result => Assert.Equal(CommitStatus.Ok, result.Status));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        await Record.ExceptionAsync(() => sent); // its caller may not have waited, its commit was
        Assert.NotNull(await cluster.Database.HeadAsync(bucket, keys[0]));
        Assert.Null(await cluster.Database.HeadAsync(bucket, keys[1]));
        Assert.Equal(2, await sql.CountAsync("select count(*) from commit_memo")); // one for each transaction

        Task<CommitResult> PutAsync(string key, CancellationToken ct) =>
            cluster.Index(bucket, key).PutAsync(Seed.Put(bucket, key), ct);
    }

    /// <summary>Sees puts come in, with the tokens that the grain gets.</summary>
    private sealed class Arrivals : IIncomingGrainCallFilter
    {
        private readonly Channel<CancellationToken> _tokens = Channel.CreateUnbounded<CancellationToken>();

        public async Task Invoke(IIncomingGrainCallContext context)
        {
            var call = context.Invoke(); // it waits for its turn now
            if (context.Grain is IObjectIndexGrain)
            {
                for (var i = 0; i < context.Request.GetArgumentCount(); i++)
                {
                    if (context.Request.GetArgument(i) is CancellationToken token) _tokens.Writer.TryWrite(token);
                }
            }

            await call;
        }

        public ValueTask<CancellationToken> NextAsync() => _tokens.Reader.ReadAsync();

        public static async Task CancelledAsync(CancellationToken token)
        {
            var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using var registration = token.Register(() => cancelled.TrySetResult());
            await cancelled.Task;
        }
    }
}
