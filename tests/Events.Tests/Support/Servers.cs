using Vault.Testing;

[assembly: AssemblyFixture(typeof(Vault.Events.Tests.Support.Servers))]

namespace Vault.Events.Tests.Support;

/// <summary>The servers of this assembly, each started by the first test that needs it.</summary>
public sealed class Servers : IAsyncDisposable
{
    private readonly Lazy<Task<PostgresServer>> postgres = new(() => PostgresServer.StartAsync());

    public Task<PostgresServer> Postgres => postgres.Value;

    public async ValueTask DisposeAsync()
    {
        if (postgres.IsValueCreated) await (await Postgres).DisposeAsync();
    }
}
