using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.Options;

namespace Vault.S3Gateway.Auth;

/// <summary>Counts failed authentications for each address and minute, so that guessing costs the guesser.</summary>
internal sealed class FailureLimiter(TimeProvider time, IOptions<S3Options> options)
{
    private const int MaxAddresses = 10_000;

    private readonly ConcurrentDictionary<IPAddress, int> failures = new();
    private readonly long began = time.GetTimestamp();
    private long minute;

    /// <summary>True when the address has failed too often in this minute.</summary>
    public bool IsBlocked(IPAddress? address)
    {
        var limit = options.Value.FailedAuthenticationsPerMinute;
        if (limit == 0 || address is null)
            return false;
        Turn();
        return failures.TryGetValue(address, out var count) && count >= limit;
    }

    /// <summary>Counts one failure.</summary>
    public void Failed(IPAddress? address)
    {
        if (address is null || options.Value.FailedAuthenticationsPerMinute == 0)
            return;
        Turn();
        if (failures.Count < MaxAddresses || failures.ContainsKey(address))
            failures.AddOrUpdate(address, 1, static (_, count) => count + 1);
    }

    private void Turn()
    {
        var now = (long)time.GetElapsedTime(began).TotalMinutes;
        var seen = Interlocked.Exchange(ref minute, now);
        if (seen != now)
            failures.Clear();
    }
}
