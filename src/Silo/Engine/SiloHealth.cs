using System.Net.Sockets;
using Npgsql;
using Vault.Silo.Serve;

namespace Vault.Silo.Engine;

/// <summary>
/// Whether this silo may be asked: it is a member, and its database answers (decisions §2.3). A database that went back
/// in time ends the process (§2.4): what others remember of it is not true any more.
/// </summary>
internal sealed partial class SiloHealth(
    ServeOptions options, ILocalSiloDetails self, IClusterMembershipService membership, TimeProvider time,
    ILogger<SiloHealth> logger) : BackgroundService
{
    /// <summary>Not to be started again without somebody having looked: EX_DATAERR of sysexits.h.</summary>
    public const int WentBackExitCode = 65;

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private long _answeredAt = time.GetTimestamp();
    private long _version;
    private string? _system;

    /// <summary>What is in the way, in words for an operator; null when nothing is.</summary>
    public string? Problem => membership.CurrentSnapshot.GetSiloStatus(self.SiloAddress) switch
    {
        SiloStatus.Active => time.GetElapsedTime(Volatile.Read(ref _answeredAt)) > Patience
            ? "the database does not answer"
            : null,
        SiloStatus.ShuttingDown or SiloStatus.Stopping => "the silo leaves the cluster",
        _ => "the silo is not a member of the cluster",
    };

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using var source = NpgsqlDataSource.Create(EngineWiring.Connections(options.DatabaseUrl!));
        using var timer = new PeriodicTimer(Period, time);
        do
        {
            try
            {
                await LookAsync(source, stoppingToken);
                Volatile.Write(ref _answeredAt, time.GetTimestamp());
            }
            catch (Exception e) when (e is NpgsqlException or SocketException or TimeoutException)
            {
                LogSilent(e.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task LookAsync(NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(
            """
            select (select system_identifier from pg_control_system())::text,
              coalesce((select version from orleans_membership where deployment_id = $1), 0)
            """);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = EngineWiring.Cluster });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var (system, version) = (reader.GetString(0), (long)reader.GetInt32(1));
        if (version < _version || (_system is not null && _system != system))
        {
            DeclaredDead.End<SiloHealth>(
                WentBackExitCode, log => LogWentBack(log, _system ?? system, _version, system, version));
        }

        (_system, _version) = (system, version);
    }

    [LoggerMessage(EventId = 2903, Level = LogLevel.Warning, Message = "The database does not answer: {Reason}")]
    private partial void LogSilent(string reason);

    [LoggerMessage(EventId = 2904, Level = LogLevel.Critical,
        Message = "The database went back: it was {OldSystem} at version {OldVersion} of the membership and is "
            + "{NewSystem} at {NewVersion}. The process ends; see docs/runbooks/losing-postgresql.md")]
    private static partial void LogWentBack(
        ILogger log, string oldSystem, long oldVersion, string newSystem, long newVersion);
}
