using Vault.Storage.Chunks;

namespace Vault.Storage.Tests.Chunks;

public sealed class BufferBudgetTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_buffer_holds_at_least_what_was_asked_for()
    {
        using var budget = new BufferBudget(64 << 20);
        foreach (var bytes in new[] { 1, 8192, 12_288, 12_289, 256 << 10, (256 << 10) + 28, (1 << 20) + 28, 16 << 20 })
        {
            var buffer = await budget.RentAsync(bytes, Token);
            Assert.InRange(buffer.Memory.Length, bytes, (long)bytes * 2 + 16_384);
            buffer.Return();
        }

        Assert.Equal(0, budget.UsedBytes);
    }

    [Fact]
    public async Task Who_comes_first_gets_the_next_buffer_and_nobody_is_refused()
    {
        using var budget = new BufferBudget(2 << 20);
        var held = await budget.RentAsync(1 << 20, Token);
        var first = budget.RentAsync(1 << 20, Token).AsTask();
        var second = budget.RentAsync(8 << 10, Token).AsTask();
        Assert.False(first.IsCompleted);
        Assert.False(second.IsCompleted);
        Assert.Null(budget.TryRent(8 << 10));
        held.Return();
        (await first).Return();
        (await second).Return();
        Assert.Equal(0, budget.UsedBytes);
    }

    [Fact]
    public async Task A_cancelled_wait_takes_nothing_and_lets_the_next_in()
    {
        using var budget = new BufferBudget(2 << 20);
        using var cancellation = new CancellationTokenSource();
        var held = await budget.RentAsync(1 << 20, Token);
        var cancelled = budget.RentAsync(1 << 20, cancellation.Token).AsTask();
        var next = budget.RentAsync(8 << 10, Token).AsTask();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        held.Return();
        (await next).Return();
        Assert.Equal(0, budget.UsedBytes);
    }

    [Fact]
    public async Task Many_bodies_with_windows_of_buffers_never_exceed_the_budget_and_all_end()
    {
        const long limit = 8 << 20;
        using var budget = new BufferBudget(limit);
        long peak = 0;
        await Parallel.ForEachAsync(
            Enumerable.Range(0, 200), new ParallelOptions { MaxDegreeOfParallelism = 64, CancellationToken = Token },
            async (i, ct) =>
            {
                for (var round = 0; round < 20; round++)
                {
                    var buffer = await budget.RentAsync(((i * 31 + round * 7) % 40 + 1) << 14, ct);
                    InterlockedMax(ref peak, budget.UsedBytes);
                    buffer.Memory.Span[0] = (byte)i;
                    await Task.Yield();
                    buffer.Return();
                }
            });
        Assert.InRange(peak, 1, limit);
        Assert.Equal(0, budget.UsedBytes);
    }

    private static void InterlockedMax(ref long target, long value)
    {
        var seen = Interlocked.Read(ref target);
        while (value > seen)
        {
            var before = Interlocked.CompareExchange(ref target, value, seen);
            if (before == seen) return;
            seen = before;
        }
    }
}
