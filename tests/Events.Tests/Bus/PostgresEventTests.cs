using Npgsql;
using Vault.Events.Bus;
using Vault.Events.Tests.Support;
using Vault.Silo.Events;
using Vault.Testing;

namespace Vault.Events.Tests.Bus;

/// <summary>Two processes on one real PostgreSQL.</summary>
public sealed class PostgresEventTests(Servers servers)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_one_process_publishes_wakes_the_other()
    {
        var connection = await (await servers.Postgres).CreateDatabaseAsync(Token);
        await using var one = new TestBus(null, new PostgresEvents(connection));
        await using var other = new TestBus(null, new PostgresEvents(connection));
        using var views = other.Bus.Subscribe(EventChannel.Views);
        using var credentials = other.Bus.Subscribe(EventChannel.Credentials);
        Assert.Equal(WakeReason.Gap, (await views.NextAsync(Token)).Reason); // it listens
        Assert.Equal(WakeReason.Gap, (await credentials.NextAsync(Token)).Reason);
        one.Bus.Publish(EventChannel.Views, 12);
        one.Bus.Publish(EventChannel.Credentials, 34);
        Assert.Equal(new(EventChannel.Views, 12, WakeReason.News), await views.NextAsync(Token));
        Assert.Equal(new(EventChannel.Credentials, 34, WakeReason.News), await credentials.NextAsync(Token));
    }

    [Fact]
    public async Task After_the_server_was_away_there_is_a_gap_and_then_wake_ups_again()
    {
        await using var server = await PostgresServer.StartAsync(ct: Token);
        var connection = await server.CreateDatabaseAsync(Token);
        await using var one = new TestBus(null, new PostgresEvents(connection));
        await using var other = new TestBus(null, new PostgresEvents(connection));
        using var views = other.Bus.Subscribe(EventChannel.Views);
        Assert.Equal(WakeReason.Gap, (await views.NextAsync(Token)).Reason);
        await server.StopServerAsync(Token);
        var ended = one.Sends.NextAsync(Token);
        one.Bus.Publish(EventChannel.Views, 1); // nobody hears it, and nobody waits for it
        Assert.False(Measured.IsSent(await ended));
        await server.StartServerAsync(Token);
        Assert.Equal(WakeReason.Gap, (await views.NextAsync(Token)).Reason);
        var number = 1L;
        do
        {
            ended = one.Sends.NextAsync(Token);
            one.Bus.Publish(EventChannel.Views, ++number);
        }
        while (!Measured.IsSent(await ended));

        Assert.Equal(WakeReason.News, (await views.NextAsync(Token)).Reason);
    }

    [Fact]
    public async Task A_notification_that_is_none_of_ours_is_passed_over()
    {
        var server = await servers.Postgres;
        var connection = await server.CreateDatabaseAsync(Token);
        await using var process = new TestBus(null, new PostgresEvents(connection));
        using var views = process.Bus.Subscribe(EventChannel.Views);
        Assert.Equal(WakeReason.Gap, (await views.NextAsync(Token)).Reason);
        var database = new NpgsqlConnectionStringBuilder(connection).Database!;
        foreach (var payload in new[] { "", "-1", "x", "99999999999999999999", " 3" })
            await server.ExecuteAsync(database, $"select pg_notify('vault_views', '{payload}')", Token);
        await server.ExecuteAsync(database, "select pg_notify('vault_views', '8')", Token);
        Assert.Equal(8, (await views.NextAsync(Token)).Number);
    }
}
