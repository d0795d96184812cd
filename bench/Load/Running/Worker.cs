using System.Diagnostics;
using Vault.Load.Client;
using Vault.Load.Workload;
using Vault.Protocol.SigV4;

namespace Vault.Load.Running;

/// <summary>One thread with one connection that makes one request after the other.</summary>
internal sealed class Worker(
    LoadSettings settings, Plan plan, Bodies bodies, SigV4Signer signer, ErrorLog errors, int number)
{
    private const int MaxMessage = 300;

    private readonly KeySpace keys = new(settings.Root, settings.Prefixes);
    private readonly Random random = new((settings.Seed * 7919) + number);
    private volatile Counters? counters;
    private volatile bool stopping;

    /// <summary>Where to count from now on; null to count nothing.</summary>
    public Counters? Counters
    {
        get => counters;
        set => counters = value;
    }

    public void Stop() => stopping = true;

    public void Run()
    {
        using var client = new S3Client(settings.Target, signer);
        while (!stopping && !errors.IsHopeless && plan.Next(random) is { } step)
        {
            var into = counters;
            var began = Stopwatch.GetTimestamp();
            try
            {
                var reply = Execute(client, step, out var bytes);
                if (Judge(step, reply) is { } complaint)
                    errors.Add(complaint);
                else if (into is not null && into == counters)
                    Count(into, Stopwatch.GetElapsedTime(began), bytes, reply);
            }
            catch (Exception exception) when (exception is IOException or System.Net.Sockets.SocketException)
            {
                errors.Add($"{step.Operation}: {exception.Message}");
                client.Dispose();
            }
        }
    }

    private HttpReply Execute(S3Client client, Step step, out long bytes)
    {
        var body = bodies.For(step.Index);
        var key = step.Operation == Operation.List ? string.Empty : keys.KeyOf(step.Index);
        var reply = step.Operation switch
        {
            Operation.Put or Operation.Fill => client.Put(key, body),
            Operation.Get => client.Get(key, body.Bytes),
            Operation.Head => client.Head(key),
            Operation.Delete => client.Delete(key),
            _ => client.List(ListQuery()),
        };
        bytes = step.Operation is Operation.Put or Operation.Fill ? body.Bytes.Length : reply.Bytes;
        return reply;
    }

    /// <summary>In the order in which the signature wants them.</summary>
    private string ListQuery()
    {
        var delimiter = settings.Delimiter is null ? "" : $"delimiter={Uri.EscapeDataString(settings.Delimiter)}&";
        var after = keys.StartAfter(random, settings.Keys, settings.PageSize);
        return $"{delimiter}list-type=2&max-keys={settings.PageSize}&prefix={Uri.EscapeDataString(keys.Root)}" +
            $"&start-after={Uri.EscapeDataString(after)}";
    }

    private static string? Judge(Step step, in HttpReply reply)
    {
        if (!reply.IsSuccess)
            return $"{step.Operation}: HTTP {reply.Status} {reply.Text[..Math.Min(reply.Text.Length, MaxMessage)]}";
        if (!reply.Matches)
            return $"{step.Operation}: the body is not the one that was written";
        return step.Operation == Operation.List
            && !reply.Text.TrimEnd().EndsWith("</ListBucketResult>", StringComparison.Ordinal)
            ? "List: the listing does not end"
            : null;
    }

    private static void Count(Counters into, TimeSpan duration, long bytes, in HttpReply reply)
    {
        into.Latencies.Add(duration);
        into.Bytes += bytes;
        if (reply.Text.Length > 0)
            into.ListedKeys += reply.Text.AsSpan().Count("<Key>") + reply.Text.AsSpan().Count("<CommonPrefixes>");
    }
}
