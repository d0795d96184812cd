namespace Vault.Versions.Tests;

/// <summary>
/// Two releases of the same contract, each a program of its own, in one cluster: the later one has a further member on
/// each message, a further method and a further case of an enumeration. Silos and clients of both call each other while
/// the silos are replaced one by one; no call fails for what the releases say differently.
/// </summary>
public sealed class RollingReleaseTests : IDisposable
{
    private static readonly string[] Mixed = ["new", "new>new", "new>old", "old", "old>new", "old>old"];

    private readonly string _table = Path.Combine(Path.GetTempPath(), $"versions-{Guid.NewGuid():N}.json");
    private readonly List<ReleaseProcess> _started = [];
    private readonly CancellationTokenSource _time = new(TimeSpan.FromSeconds(120));

    private CancellationToken Time => _time.Token;

    public void Dispose()
    {
        _started.ForEach(p => p.Dispose());
        _time.Dispose();
        File.Delete(_table);
    }

    [Fact]
    public async Task Two_releases_understand_each_other_while_one_replaces_the_other()
    {
        var first = Start("Old", "silo");
        var second = Start("Old", "silo");
        await ReadyAsync(first, second);
        ReleaseProcess[] clients = [Start("Old", "client"), Start("New", "client")];
        await SeeAsync(clients, ["old", "old>old"]);

        // what only the later release knows is refused by the earlier one, and nothing else is
        clients[1].Tell("too-early");
        var refused = await clients[1].UntilAsync(Answers("too-early"), Time);
        Assert.StartsWith("too-early: refused, ", refused, StringComparison.Ordinal);
        Assert.DoesNotContain("TimeoutException", refused, StringComparison.Ordinal);

        var third = Start("New", "silo");
        await ReadyAsync(third);
        await SeeAsync(clients, Mixed);
        await first.EndAsync(Time);
        await SeeAsync(clients, Mixed);

        var fourth = Start("New", "silo");
        await ReadyAsync(fourth);
        await SeeAsync(clients, Mixed);
        await second.EndAsync(Time);
        await SeeAsync(clients, ["new", "new>new"], "lacking 0 ");

        clients[1].Tell("now");
        Assert.Equal("now: cancelled, late", await clients[1].UntilAsync(Answers("now"), Time));
        foreach (var client in clients)
        {
            await client.EndAsync(Time);
            Assert.Empty(client.Said.Where(line => line.StartsWith("failed", StringComparison.Ordinal)).Take(5));
        }

        await Task.WhenAll(third.EndAsync(Time), fourth.EndAsync(Time));
    }

    private static Func<string, bool> Answers(string what) =>
        line => line.StartsWith(what + ": ", StringComparison.Ordinal);

    private ReleaseProcess Start(string release, string role)
    {
        var process = new ReleaseProcess(release, role, _table);
        _started.Add(process);
        return process;
    }

    private async Task ReadyAsync(params ReleaseProcess[] silos) =>
        await Task.WhenAll(silos.Select(s => s.UntilAsync(line => line == "ready", Time)));

    /// <summary>
    /// Waits until one lot of each client's calls, begun from now on, was answered by exactly these releases.
    /// </summary>
    private async Task SeeAsync(ReleaseProcess[] clients, string[] releases, string also = "")
    {
        await Task.WhenAll(clients.Select(SeeOneAsync));

        async Task SeeOneAsync(ReleaseProcess client)
        {
            client.ForgetLines();
            await client.UntilAsync(line => line.StartsWith("calls ", StringComparison.Ordinal), Time);
            await client.UntilAsync(
                line => line.EndsWith($"{also}seen {string.Join(' ', releases)}", StringComparison.Ordinal), Time);
        }
    }
}
