using System.Diagnostics;

namespace Vault.Versions;

/// <summary>
/// Calls at a steady rate, on grains that are new every <see cref="CallsPerLine"/> calls; after each such lot it says
/// in one line who answered, how many calls were sent again so far, and how many answers of this lot lacked what the
/// later release said.
/// </summary>
internal sealed class Load(IGrainFactory grains)
{
    private const int CallsPerLine = 160;
    private const int Callers = 8;
    private const int Keys = 30;
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private int _retried;
    private int _lacking;

    /// <summary>Calls until it is told to end.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        for (var lot = 0; !ct.IsCancellationRequested; lot++)
        {
            var seen = new SortedSet<string>(StringComparer.Ordinal);
            _lacking = 0;
            await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => CallAsync(lot, caller, seen)));
            Say($"calls {(lot + 1) * CallsPerLine} retried {_retried} lacking {_lacking} "
                + $"seen {string.Join(' ', seen)}");
        }
    }

    /// <summary>One line, also from several callers at once.</summary>
    public static void Say(string line) => Console.Out.WriteLine(line);

    private async Task CallAsync(int lot, int caller, SortedSet<string> seen)
    {
        using var pace = new PeriodicTimer(Pace);
        for (var i = caller; i < CallsPerLine; i += Callers)
        {
            await pace.WaitForNextTickAsync();
            var grain = grains.GetGrain<IOrderGrain>($"{Release.Name}-{lot}-{i % Keys}");
            var order = Order(i);
            var receipt = await TryAsync(pace, () => i % 3 == 0
                ? grain.PlaceAsync(order, CancellationToken.None)
                : grain.PassOnAsync($"{Release.Name}-{lot}-{i * 7 % Keys}", order, CancellationToken.None));
            if (receipt is null)
            {
                continue;
            }

            Interlocked.Add(ref _lacking, Check(order, receipt) ? 1 : 0);
            lock (seen)
            {
                seen.Add(receipt.Via.Length == 0 ? receipt.Release : $"{receipt.Via}>{receipt.Release}");
            }
        }
    }

    private static Order Order(int i) => new()
    {
        Item = $"item {i}", Payload = new byte[] { 1, 2, 3 },
#if NEW_RELEASE
        State = i % 2 == 0 ? OrderState.Cancelled : OrderState.Shipped, By = new Customer { Name = "ann" },
#else
        State = OrderState.Shipped,
#endif
    };

    /// <summary>
    /// A silo that leaves may take a call with it, and refuses what comes before others know: the call is made again at
    /// the load's pace. What is said about formats is a failure, and so is a call that nobody answers at all.
    /// </summary>
    private async Task<Receipt?> TryAsync(PeriodicTimer pace, Func<Task<Receipt>> call)
    {
        var began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(began) < Patience)
        {
            try
            {
                return await call();
            }
            catch (Exception e) when (e is SiloUnavailableException or OrleansMessageRejectionException
                or TimeoutException or OperationCanceledException)
            {
                Interlocked.Increment(ref _retried);
                Say($"again {e.GetType().Name}: {e.Message.ReplaceLineEndings(" ")}");
                await pace.WaitForNextTickAsync();
            }
            catch (Exception e)
            {
                Say($"failed {e.GetType().Name}: {e.Message.ReplaceLineEndings(" ")}");
                return null;
            }
        }

        Say($"failed for {Patience}");
        return null;
    }

    /// <summary>
    /// Old members arrive always. New ones arrive or have their defaults: every silo that a message passes, if only as
    /// a gateway, decodes it and encodes it anew, and so takes out what it does not know.
    /// </summary>
    /// <returns>Whether the later release said something that did not arrive.</returns>
    private static bool Check(Order order, Receipt receipt)
    {
        var right = receipt.Order.Item == order.Item && receipt.Order.State == order.State
            && receipt.Order.Payload.Span.SequenceEqual(order.Payload.Span);
#if NEW_RELEASE
        var arrived = receipt.Order.By?.Name == "ann" && receipt.Remark == "placed"
            && receipt.Notes.AsSpan().SequenceEqual(["one", "two"]);
        var known = receipt is { Release: "new", Via: "" or "new" };
        right &= (receipt.Order.By?.Name is null or "ann") && (receipt.Remark is "?" or "placed")
            && (receipt.Notes.IsEmpty || receipt.Notes.AsSpan().SequenceEqual(["one", "two"])) && (known || !arrived);
#else
        const bool known = false, arrived = false;
#endif
        if (!right)
        {
            Say($"failed to understand {receipt}");
        }

        return known && !arrived;
    }
}
