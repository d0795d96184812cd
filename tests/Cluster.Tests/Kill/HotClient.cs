namespace Vault.Cluster.Tests.Kill;

/// <summary>One of several clients of one key: writes through its own gateway, reads through the next one.</summary>
internal sealed class HotClient(KeyCaller keys, string key, int number, int seed, TimeSpan pace)
    : LoadClient(seed, pace)
{
    protected override async Task<bool> StepAsync() => Random.Next(100) switch
    {
        < 45 => await keys.GetAsync(number + 1, key),
        < 65 => await keys.HeadAsync(number + 1, key),
        < 88 => await keys.PutAsync(number, key, Size()),
        < 94 => (await keys.CreateAsync(number, key, Size())).Ended,
        _ => await keys.DeleteAsync(number, key),
    };
}
