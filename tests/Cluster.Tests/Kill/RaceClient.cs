using System.Globalization;

namespace Vault.Cluster.Tests.Kill;

/// <summary>Lets several creators race for one new key after the other, and reads it through every gateway.</summary>
internal sealed class RaceClient(
    KillHistory history, KeyCaller keys, ListCaller lists, int gateways, int name, int seed, TimeSpan pace)
    : LoadClient(seed, pace)
{
    private const int Creators = 8;
    private const int KeysOfAGroup = 50;

    private int _next;

    protected override async Task<bool> StepAsync()
    {
        var number = _next++;
        var group = string.Create(CultureInfo.InvariantCulture, $"race/{name:D3}-{number / KeysOfAGroup:D5}/");
        var key = string.Create(CultureInfo.InvariantCulture, $"{group}{number:D7}");
        var size = Size();
        var creators = await Task.WhenAll(Enumerable.Range(0, Creators).Select(
            n => keys.CreateAsync(n, key, size)));
        var read = await Task.WhenAll(Enumerable.Range(0, gateways).Select(g => keys.GetAsync(g, key)));
        history.Races.Enqueue([.. creators.Select(c => c.Operation)]);
        return await lists.ListAsync(number, group, 17)
            && Array.TrueForAll(creators, static c => c.Ended) && Array.TrueForAll(read, static ok => ok);
    }
}
