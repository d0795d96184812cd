using System.CommandLine;
using System.Net;
using Vault.Events.Bus;
using Vault.Silo.Engine;
using Vault.Silo.Events;
using Vault.Sql;
using Vault.Sql.Orleans.Membership;

namespace Vault.Silo.Serve;

/// <summary>The silo of a supervisor's child in the membership table; of other roles, nothing.</summary>
internal sealed class SupervisedSilo : IAsyncDisposable
{
    /// <summary>Environment of a supervisor's child: its standard input stays open for as long as the supervisor lives.
    /// </summary>
    public const string Variable = "VAULT_SUPERVISED";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    private readonly Database? _database;
    private readonly IPEndPoint _address = new(IPAddress.None, 0);
    private readonly string _databaseUrl = "";
    private readonly long _earlier;

    private SupervisedSilo()
    {
    }

    private SupervisedSilo(Database database, ServeOptions options, long earlier) =>
        (_database, _address, _databaseUrl, _earlier) =
        (database, AddressOf(options), options.DatabaseUrl!, earlier);

    /// <summary>
    /// Connects to the database that the child's settings name, so that nothing is slow at its end, and remembers which
    /// silos there were before it.
    /// </summary>
    public static async Task<SupervisedSilo> PrepareAsync(string[] arguments, CancellationToken cancellationToken)
    {
        var flags = new ServeFlags();
        var command = new Command(arguments[0]);
        flags.AddTo(command);
        var options = VaultHost.Validate(flags.Settings(command.Parse(arguments[1..])));
        if (options.IsAlone() || !options.RoleSet.HasFlag(Roles.Silo)) return new SupervisedSilo();
        var database = await Databases.OpenPatientlyAsync(
            ct => Databases.OpenAsync(options, TimeProvider.System, null, ct), TimeProvider.System, cancellationToken);
        var address = AddressOf(options);
        long earlier;
        try
        {
            earlier = await SiloMembership.NewestGenerationAsync(
                database, EngineWiring.Cluster, address.Address, address.Port, cancellationToken);
        }
        catch (SqlUnavailableException)
        {
            earlier = long.MaxValue; // then the others find out by probing
        }
        catch (SqlException)
        {
            earlier = 0; // before the very first start there are no tables
        }

        await new SupervisedSilo(database, options, long.MaxValue).RehearseAsync(cancellationToken);
        return new SupervisedSilo(database, options, earlier);
    }

    /// <summary>
    /// Declares the reaped silo dead and wakes the others: nobody else would tell them before their next reading.
    /// Without the database they find out by probing.
    /// </summary>
    public async Task EndAsync(CancellationToken cancellationToken)
    {
        if (_database is null) return;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        long? version = null;
        while (true)
        {
            try
            {
                version ??= await DeclareAsync(limit.Token);
                if (version is { } news) await TellAsync(news, limit.Token);
                return;
            }
            catch (Exception e) when (e is SqlException or OperationCanceledException
                && !cancellationToken.IsCancellationRequested)
            {
                if (!limit.IsCancellationRequested && await TickAsync(timer, limit.Token)) continue;
                Console.Error.WriteLine(
                    "vault: the database did not take the end of the silo: the others find out by themselves");
                return;
            }
        }
    }

    /// <summary>
    /// Declares nobody dead: on a busy machine what is done first takes half a second, for compiling, and here nobody
    /// waits for it.
    /// </summary>
    private async Task RehearseAsync(CancellationToken cancellationToken)
    {
        try
        {
            _ = await DeclareAsync(cancellationToken);
            await TellAsync(0, cancellationToken);
        }
        catch (SqlException)
        {
            // No tables yet, or no database: said where it matters.
        }
    }

    private Task<long?> DeclareAsync(CancellationToken ct) => SiloMembership.DeclareDeadAsync(
        _database!, EngineWiring.Cluster, _address.Address, _address.Port, _earlier, ct);

    private async Task TellAsync(long version, CancellationToken ct)
    {
        await using var events = new PostgresEvents(_databaseUrl);
        await events.SendAsync([new WakeUp(EventChannel.Views, version, WakeReason.News)], ct);
    }

    private static IPEndPoint AddressOf(ServeOptions options) => new(options.Advertised(), options.SiloPort);

    public ValueTask DisposeAsync() => _database?.DisposeAsync() ?? ValueTask.CompletedTask;

    private static async Task<bool> TickAsync(PeriodicTimer timer, CancellationToken limit)
    {
        try
        {
            return await timer.WaitForNextTickAsync(limit);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
