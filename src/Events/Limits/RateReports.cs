using System.Globalization;
using Microsoft.Extensions.Hosting;
using StackExchange.Redis;
using Vault.Events.Redis;
using Vault.Protocol.Limits;

namespace Vault.Events.Limits;

/// <summary>
/// Adds up in Redis what this process has let through: a few milliseconds of requests in one script. Without an answer
/// the requests stay counted here alone.
/// </summary>
internal sealed class RateReports(RedisLink link, RedisInstruments instruments, TimeProvider time) : BackgroundService
{
    private const int MaxWaiting = 4096;
    private const int CallersAtOnce = 128;

    /// <summary>
    /// For each caller the time at which all that was taken will be earned, in microseconds of Redis's clock; answers
    /// how long until one more may be taken.
    /// </summary>
    private const string Take = """
        local t = redis.call('TIME')
        local now = t[1] * 1000000 + t[2]
        local answer = {}
        for i = 1, #KEYS do
          local each, burst, count = tonumber(ARGV[3 * i - 2]), tonumber(ARGV[3 * i - 1]), tonumber(ARGV[3 * i])
          local earned = math.max(tonumber(redis.call('GET', KEYS[i]) or now), now) + each * count
          redis.call('SET', KEYS[i], string.format('%.3f', earned), 'PX', math.ceil((earned - now) / 1000) + 1000)
          answer[i] = math.max(0, math.ceil(earned + each - burst - now))
        end
        return answer
        """;

    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(5);

    private readonly Lock gate = new();
    private readonly SemaphoreSlim posted = new(0, 1);
    private Dictionary<(string Kind, string Name), Report> waiting = [];
    private Dictionary<(string Kind, string Name), Report> sending = [];

    public void Add(SharedRates rates, int slot, string kind, string name, Rate rate)
    {
        lock (gate)
        {
            if (waiting.TryGetValue((kind, name), out var report))
            {
                report.Count++;
                return;
            }

            if (waiting.Count >= MaxWaiting)
            {
                instruments.Uncounted(1);
                return;
            }

            waiting.Add((kind, name), new Report(rates, slot, rate) { Count = 1 });
            if (posted.CurrentCount == 0) posted.Release();
        }
    }

    public override void Dispose()
    {
        base.Dispose();
        posted.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await posted.WaitAsync(stoppingToken);
                await Task.Delay(Moment, time, stoppingToken);
                lock (gate) (waiting, sending) = (sending, waiting);
                foreach (var some in sending.Chunk(CallersAtOnce)) await SendAsync(some);
                sending.Clear();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    private async Task SendAsync(KeyValuePair<(string Kind, string Name), Report>[] reports)
    {
        var keys = new RedisKey[reports.Length];
        var values = new RedisValue[3 * reports.Length];
        for (var i = 0; i < reports.Length; i++)
        {
            var ((kind, name), report) = reports[i];
            keys[i] = $"{link.Prefix}rate:{kind}:{name}";
            var each = Math.Max(1, report.Rate.Period.Ticks / report.Rate.Count) / 10.0;
            values[3 * i] = each.ToString("R", CultureInfo.InvariantCulture);
            values[(3 * i) + 1] = (each * report.Rate.Count).ToString("R", CultureInfo.InvariantCulture);
            values[(3 * i) + 2] = report.Count;
        }

        var (answered, result) = await link.TryAsync(RedisUse.Limit, Take, keys, values);
        if (!answered || (RedisResult[]?)result is not { } waits || waits.Length != reports.Length)
        {
            instruments.Uncounted(reports.Sum(r => r.Value.Count));
            return;
        }

        for (var i = 0; i < reports.Length; i++)
        {
            var microseconds = (long)waits[i];
            if (microseconds > 0)
                reports[i].Value.Spend(TimeSpan.FromMicroseconds(microseconds));
        }
    }

    /// <summary>What one caller was let through.</summary>
    private sealed class Report(SharedRates rates, int slot, Rate rate)
    {
        public Rate Rate => rate;

        public long Count { get; set; }

        public void Spend(TimeSpan length) => rates.Spend(slot, rate, length);
    }
}
