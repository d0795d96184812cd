using Vault.Runtime.Hosting;
using Vault.Runtime.Ownership;
using Vault.Sql;

namespace Vault.Runtime.Sql.Membership;

/// <summary>Makes a silo one of a cluster whose membership is in PostgreSQL.</summary>
public static class SqlMembershipServices
{
    extension(ISiloBuilder silo)
    {
        /// <summary>
        /// Membership by leases in a migrated database. Times and weight: <see cref="MembershipOptions"/>; an
        /// <see cref="IMembershipWakeups"/> is used when there is one.
        /// </summary>
        /// <param name="database">
        /// With connections of its own, which nothing else can take, and answers or failures well within the lease.
        /// <see cref="Connections"/> makes such settings.
        /// </param>
        public ISiloBuilder UseSqlMembership(Func<IServiceProvider, Database> database)
        {
            RuntimeServices.AddLeasedMembership(
                silo.Services, services => new SqlMembershipStore(database(services)));
            return silo;
        }
    }

    /// <summary>Settings of the connections for membership alone.</summary>
    public static PostgresOptions Connections(string connectionString) => new()
    {
        ConnectionString = connectionString,
        Connections = 4,
        StatementTimeout = TimeSpan.FromMilliseconds(800),
        AnswerTimeout = TimeSpan.FromSeconds(1),
        ConnectTimeout = TimeSpan.FromSeconds(2),
    };

    /// <summary>
    /// Says that a process that was reaped has ended, so that its silos are removed at once.
    /// </summary>
    /// <param name="database">The membership's database.</param>
    /// <param name="process">The <see cref="MembershipOptions.Process"/> that it ran with.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>False when the database did not take it; doing it again is harmless.</returns>
    public static async Task<bool> TryEndLeaseAsync(
        Database database, string process, CancellationToken ct = default)
    {
        try
        {
            await new SqlMembershipStore(database).EndLeaseAsync(process, ct).ConfigureAwait(false);
            return true;
        }
        catch (MembershipUnavailableException)
        {
            return false;
        }
    }
}
