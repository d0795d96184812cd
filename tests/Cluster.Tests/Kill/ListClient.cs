namespace Vault.Cluster.Tests.Kill;

/// <summary>Lists one prefix after the other.</summary>
internal sealed class ListClient(ListCaller lists, int groups, int seed, TimeSpan pace) : LoadClient(seed, pace)
{
    protected override Task<bool> StepAsync() => lists.ListAsync(
        Random.Next(1 << 20), Random.Next(5) == 0 ? "hot/" : $"cold/{Random.Next(groups):D2}/", Random.Next(10, 60));
}
