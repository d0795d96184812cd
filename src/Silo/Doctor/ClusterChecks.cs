using System.Runtime.CompilerServices;
using Vault.Events.Redis;
using Vault.Silo.Engine;
using Vault.Silo.Serve;
using Vault.Sql;
using Vault.Sql.Postgres;

namespace Vault.Silo.Doctor;

/// <summary>The doctor's checks of what the processes of a cluster share.</summary>
internal static class ClusterChecks
{
    public static async IAsyncEnumerable<Finding> RunAsync(
        ServeOptions options, TimeProvider time, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (options is { ClusterTlsCert: not null, ClusterTlsKey: not null, ClusterTlsAuthority: not null })
            yield return Certificate(options, time);
        if (options is { StateBackend: "postgres", DatabaseUrl: { Length: > 0 } database })
        {
            yield return await NotificationsAsync(database, cancellationToken);
            yield return await StandbysAsync(database, cancellationToken);
        }

        if (RedisAddress.TryParse(options.RedisUrl, out var address, out _, options.RedisTlsAuthority))
            yield return await RedisAsync(address, cancellationToken);
    }

    private static Finding Certificate(ServeOptions options, TimeProvider time)
    {
        const string Subject = "certificate";
        const string Remedy = "`vault cluster keys --tls DIR` makes a new one, see docs/runbooks/install.md";
        try
        {
            var certificate = ProcessCertificate.Load(options, time);
            var end = $"{certificate.EndsAt:yyyy-MM-dd}";
            return certificate.EndsAt - time.GetUtcNow() < CertificateInstruments.Comfortable
                ? new Finding(Subject, Verdict.Warn, $"{options.ClusterTlsCert} ends on {end}", Remedy)
                : new Finding(Subject, Verdict.Ok, $"other processes believe {options.ClusterTlsCert} until {end}");
        }
        catch (SetupException e)
        {
            return new Finding(Subject, Verdict.Fail, e.Message, Remedy);
        }
    }

    private static async Task<Finding> NotificationsAsync(string database, CancellationToken cancellationToken)
    {
        const string Subject = "notifications";
        try
        {
            return await PostgresExamination.HearsNotificationsAsync(database, cancellationToken)
                ? new Finding(Subject, Verdict.Ok, "a NOTIFY reaches who LISTENs")
                : new Finding(
                    Subject, Verdict.Fail, "a NOTIFY does not reach who LISTENs: the connections are pooled",
                    "name the server itself in DATABASE_URL, or a pooler that pools sessions, not transactions");
        }
        catch (SqlException e)
        {
            return new Finding(Subject, Verdict.Fail, e.Message, "check DATABASE_URL and the server");
        }
    }

    private static async Task<Finding> StandbysAsync(string database, CancellationToken cancellationToken)
    {
        const string Subject = "standbys";
        const string Remedy = "set synchronous_standby_names, and synchronous_commit to on: a standby that takes over "
            + "without the last commits takes acknowledged writes back";
        PostgresDurability found;
        try
        {
            found = await PostgresExamination.DurabilityAsync(database, cancellationToken);
        }
        catch (SqlException e)
        {
            return new Finding(Subject, Verdict.Fail, e.Message, "check DATABASE_URL and the server");
        }

        if (!found.Fsync || found.SynchronousCommit == "off")
        {
            return new Finding(
                Subject, Verdict.Fail,
                $"acknowledged writes are lost in a crash: fsync is {(found.Fsync ? "on" : "off")}, "
                + $"synchronous_commit is {found.SynchronousCommit}", "set both to on");
        }

        var asynchronous = found.Standbys - found.SynchronousStandbys - found.HiddenStandbys;
        return found switch
        {
            { Standbys: 0 } => new Finding(Subject, Verdict.Ok, "no standby is attached"),
            { HiddenStandbys: > 0 } => new Finding(
                Subject, Verdict.Warn, $"{found.HiddenStandbys} standbys are attached, and this user may not see how",
                "grant it pg_monitor, and look again"),
            { SynchronousCommit: "local" } => new Finding(
                Subject, Verdict.Warn, "commits wait for no standby: synchronous_commit is local", Remedy),
            _ when asynchronous > 0 => new Finding(
                Subject, Verdict.Warn, $"{asynchronous} of {found.Standbys} standbys are asynchronous", Remedy),
            _ => new Finding(Subject, Verdict.Ok, $"{found.Standbys} standbys are attached, all synchronous"),
        };
    }

    private static async Task<Finding> RedisAsync(RedisAddress address, CancellationToken cancellationToken) =>
        await RedisLink.ProbeAsync(address, cancellationToken) is { } problem
            ? new Finding(
                "redis", Verdict.Warn, $"{address} does not answer: {problem}",
                "everything works without it, slower; check REDIS_URL and the server")
            : new Finding("redis", Verdict.Ok, $"{address} answers");
}
