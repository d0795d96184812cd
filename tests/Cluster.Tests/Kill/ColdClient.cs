namespace Vault.Cluster.Tests.Kill;

/// <summary>
/// A client over many keys, which it shares with its neighbours: everything that S3 does to objects, through any
/// gateway.
/// </summary>
internal sealed class ColdClient(
    KeyCaller keys, MultipartCaller uploads, int group, int hotKeys, int seed, TimeSpan pace) : LoadClient(seed, pace)
{
    private const int Keys = 40;

    protected override async Task<bool> StepAsync()
    {
        var gateway = Random.Next(1 << 20);
        var key = $"cold/{group:D2}/key {Random.Next(Keys):D2}";
        var copy = $"copies/{group:D2}/{Random.Next(Keys)}";
        return Random.Next(100) switch
        {
            < 25 => await keys.GetAsync(gateway, key),
            < 35 => await keys.HeadAsync(gateway, key),
            < 70 => await keys.PutAsync(gateway, key, Size()),
            < 80 => await keys.DeleteAsync(gateway, key),
            < 86 => (await keys.CreateAsync(gateway, key, Size())).Ended,
            < 92 => await keys.CopyAsync(gateway, $"hot/{Random.Next(hotKeys):D2}", copy),
            < 95 => await keys.GetAsync(gateway, copy),
            _ => await uploads.UploadAsync(gateway, key, Random),
        };
    }
}
