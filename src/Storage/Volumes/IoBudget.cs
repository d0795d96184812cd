namespace Vault.Storage.Volumes;

/// <summary>
/// Spreads background reads over time: at most so many bytes per second, with a quarter second of credit.
/// </summary>
internal sealed class IoBudget(long bytesPerSecond, TimeProvider time)
{
    private long _freeAt = time.GetTimestamp();

    public async ValueTask SpendAsync(long bytes, CancellationToken ct)
    {
        var now = time.GetTimestamp();
        var credit = time.TimestampFrequency / 4;
        var cost = (long)(bytes / (double)bytesPerSecond * time.TimestampFrequency);
        _freeAt = Math.Max(_freeAt, now - credit) + cost;
        if (_freeAt > now)
            await Task.Delay(time.GetElapsedTime(now, _freeAt), time, ct);
    }
}
