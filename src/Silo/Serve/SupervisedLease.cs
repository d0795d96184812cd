using System.CommandLine;
using System.Security.Cryptography;
using Vault.Silo.Engine;
using Vault.Sql;

namespace Vault.Silo.Serve;

/// <summary>The lease of a silo that runs as a supervisor's child; of other roles, nothing.</summary>
internal sealed class SupervisedLease : IAsyncDisposable
{
    /// <summary>
    /// Environment of a supervisor's child: the name of its process in the membership tables. Its standard input stays
    /// open for as long as the supervisor lives.
    /// </summary>
    public const string Variable = "VAULT_PROCESS";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    private readonly Database? _database;

    private SupervisedLease(Database? database) => _database = database;

    /// <summary>A random name of the process.</summary>
    public string Process { get; } = RandomNumberGenerator.GetHexString(32, lowercase: true);

    /// <summary>Connects to the database that the child's settings name, so that nothing is slow at its end.</summary>
    public static async Task<SupervisedLease> PrepareAsync(string[] arguments, CancellationToken cancellationToken)
    {
        var flags = new ServeFlags();
        var command = new Command(arguments[0]);
        flags.AddTo(command);
        var options = VaultHost.Validate(flags.Settings(command.Parse(arguments[1..])));
        if (options.IsAlone() || !options.RoleSet.HasFlag(Roles.Silo)) return new SupervisedLease(null);
        return new SupervisedLease(await EngineWiring.OpenMembershipAsync(options, null, cancellationToken));
    }

    /// <summary>Says that the process has ended. Without the database its lease runs out by itself.</summary>
    public async Task EndAsync(CancellationToken cancellationToken)
    {
        if (_database is null) return;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        try
        {
            while (!await EngineWiring.TryEndLeaseAsync(_database, Process, limit.Token))
                await timer.WaitForNextTickAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            Console.Error.WriteLine("vault: the database did not take the end of the lease: it runs out by itself");
        }
    }

    public ValueTask DisposeAsync() => _database?.DisposeAsync() ?? ValueTask.CompletedTask;
}
