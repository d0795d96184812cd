using System.Security.Cryptography;
using Vault.Testing;

namespace Vault.Cluster.Tests;

/// <summary>
/// One client of the crash test. It owns its keys, does one thing at a time, and remembers for each key what was
/// acknowledged and what was sent and never answered: after a crash each key holds one or the other, whole.
/// </summary>
internal sealed class CrashWriter(int number, int seed)
{
    private const int Keys = 12;

    private static readonly int[] Sizes = [0, 1, 100, 4096, 4097, 20_000, 262_144, 300_000, 1_500_000];

    private readonly Random _random = new(seed);
    private readonly Content?[] _acknowledged = new Content?[Keys];
    private readonly List<Content?>[] _possible = [.. Enumerable.Range(0, Keys).Select(_ => new List<Content?>())];

    public long Acknowledged { get; private set; }

    /// <summary>Works until the server is gone.</summary>
    public async Task RunAsync(S3TestClient client, string bucket, Action acknowledged, CancellationToken stopped)
    {
        try
        {
            while (!stopped.IsCancellationRequested)
            {
                await StepAsync(client, bucket, stopped);
                Acknowledged++;
                acknowledged();
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            // The server was killed under this request: what it was doing stays possible.
        }
    }

    /// <summary>Reads every key and settles what became of the unanswered requests; returns what is wrong.</summary>
    public async Task<List<string>> VerifyAsync(
        S3TestClient client, string bucket, IReadOnlySet<string> listed, CancellationToken cancellationToken)
    {
        var faults = new List<string>();
        for (var i = 0; i < Keys; i++)
        {
            var bytes = await client.GetAsync(bucket, Name(i), cancellationToken);
            Content? found = bytes is null
                ? null
                : new Content(bytes.Length, Convert.ToHexString(SHA256.HashData(bytes)));
            if (found != _acknowledged[i] && !_possible[i].Contains(found))
            {
                faults.Add($"{Name(i)} holds {found}, acknowledged was {_acknowledged[i]}, possible "
                    + $"{string.Join(" | ", _possible[i])}");
            }

            if (listed.Contains(Name(i)) != (found is not null))
                faults.Add($"{Name(i)} is {(found is null ? "listed but absent" : "there but not listed")}");
            _acknowledged[i] = found;
            _possible[i].Clear();
        }

        return faults;
    }

    private async Task StepAsync(S3TestClient client, string bucket, CancellationToken stopped)
    {
        var key = _random.Next(Keys);
        switch (_random.Next(10))
        {
            case 0:
                await TryAsync(key, null, () => client.DeleteAsync(bucket, Name(key), stopped));
                break;
            case 1:
                var source = _random.Next(Keys);
                if (source == key || _acknowledged[source] is not { } copied || _possible[source].Count > 0)
                    goto default;
                await TryAsync(key, copied, () => client.CopyAsync(bucket, Name(source), Name(key), stopped));
                break;
            case 2:
                byte[][] parts = [Bytes(5 << 20), Bytes(_random.Next(1, 400_000))];
                await TryAsync(key, Content.Of(parts), () => client.MultipartAsync(bucket, Name(key), parts, stopped));
                break;
            default:
                var body = Bytes(Sizes[_random.Next(Sizes.Length)]);
                await TryAsync(key, Content.Of(body), () => client.PutAsync(bucket, Name(key), body, stopped));
                break;
        }
    }

    private async Task TryAsync(int key, Content? content, Func<Task> send)
    {
        _possible[key].Add(content);
        await send();
        _possible[key].Clear();
        _acknowledged[key] = content;
    }

    private byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        _random.NextBytes(bytes);
        return bytes;
    }

    private string Name(int key) => $"writer-{number:D2}/key {key:D2}";

    /// <summary>What a key holds.</summary>
    private sealed record Content(long Length, string Sha256)
    {
        public static Content Of(params byte[][] parts)
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            foreach (var part in parts) hash.AppendData(part);
            return new Content(parts.Sum(p => (long)p.Length), Convert.ToHexString(hash.GetHashAndReset()));
        }
    }
}
