using System.Net;
using Vault.Runtime.Activation;
using Vault.Runtime.Ownership;
using Vault.Runtime.Sql;
using Vault.Runtime.Sql.Membership;
using Vault.Sql;

namespace Vault.Runtime.Simulation.Database;

/// <summary>
/// The double of the membership tables against the real ones in PostgreSQL: the same changes in the same order, by
/// seeds; every answer and every reading must be the same.
/// </summary>
public sealed class MembershipComparison(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private const int Changes = 120;
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task Changes_and_readings_of_the_double_are_those_of_PostgreSQL()
    {
        var seeds = Environment.GetEnvironmentVariable("VAULT_TEST_LONG") == "1" ? 60 : 4;
        var happened = 0;
        for (var seed = 0; seed < seeds; seed++)
        {
            var connectionString = await postgres.Server.CreateDatabaseAsync();
            await using var database = await Vault.Sql.Database.OpenPostgresAsync(
                new PostgresOptions { ConnectionString = connectionString }, TimeProvider.System);
            await database.MigrateAsync([RuntimeSqlServices.Migrations]);
            happened += await CompareAsync(seed, new SqlMembershipStore(database));
        }

        Assert.InRange(happened, seeds * 20, seeds * Changes);
    }

    private static async Task<int> CompareAsync(int seed, SqlMembershipStore store)
    {
        var random = new Random(seed);
        var tables = new MembershipTables();
        var joined = new List<SiloAddress>();
        var happened = 0;
        for (var i = 0; i < Changes; i++)
        {
            var current = tables.Current.Number;
            var from = random.Next(8) > 0 ? current : Math.Max(0, current - 1);
            var revision = random.Next(2) * random.Next(400);
            var step = new ViewStep(from, from + random.Next(1, 3), random.NextInt64(), revision);
            var silo = joined.Count == 0
                ? Address(0)
                : joined[random.Next(Math.Max(0, joined.Count - 5), joined.Count)];
            object? real, simulated;
            switch (random.Next(9))
            {
                case 0 or 1:
                    var next = Silo(joined.Count);
                    var previous = random.Next(3) == 0 ? silo : null;
                    real = await store.JoinAsync(step, next, previous, None);
                    simulated = tables.Join(step, next, previous);
                    if (true.Equals(simulated))
                    {
                        joined.Add(next.Address);
                    }

                    break;
                case 2 or 3:
                    real = await store.RenewAsync(silo, None);
                    simulated = tables.Renew(silo);
                    break;
                case 4 or 5:
                    var view = random.Next((int)current + 1);
                    real = await store.AcknowledgeAsync(silo, view, None);
                    simulated = tables.Acknowledge(silo, view);
                    break;
                case 6:
                    real = await store.LeaveAsync(step, silo, None);
                    simulated = tables.Leave(step, silo);
                    break;
                case 7:
                    var conditions = Enum.GetValues<RemovalCondition>();
                    var removal = new Removal(silo, conditions[random.Next(conditions.Length)], random.Next(3));
                    real = await store.RemoveAsync(step, [removal], None);
                    simulated = tables.Remove(step, [removal]);
                    break;
                default:
                    var process = "process" + random.Next(joined.Count + 1);
                    real = await store.EndLeaseAsync(process, None);
                    simulated = tables.EndLease(process);
                    break;
            }

            Assert.True(Equals(real, simulated), $"seed {seed} change {i}: {real}, and the double {simulated}");
            happened += real is null or false or 0 ? 0 : 1;
            var known = random.Next(2) == 0 ? -1 : tables.Read(-1).Revision;
            Assert.Equal(Text(await store.ReadAsync(known, None)), Text(tables.Read(known)));
        }

        return happened;
    }

    private static string Text(StoredCluster cluster) => $"revision {cluster.Revision}\n"
        + string.Join('\n', cluster.Views) + "\n"
        + string.Join(
            '\n', cluster.Silos.Select(s => (s with { Adverts = null }) + (s.Adverts is null ? "" : " told")));

    private static SiloAddress Address(int number) =>
        SiloAddress.New(IPAddress.Loopback, 1000 + (number % 5), number + 1);

    private static StoredSilo Silo(int number) => new()
    {
        Address = Address(number), Name = "silo" + (number % 5), Process = "process" + number, Weight = 1,
        Adverts = [new GrainAdvert("type", "Class", ["IOne"])],
    };
}
