using System.Net;
using Orleans.Configuration;
using Vault.Sql.Orleans;
using Vault.Silo.Serve;
using Vault.Sql;

namespace Vault.Silo.Engine;

/// <summary>
/// Host wiring of Microsoft Orleans: its own membership tables in the same PostgreSQL (its scripts make them), our
/// grain storage and reminders. Clients find silos by the same list; the gateway port is that of the silo plus one.
/// </summary>
internal static class EngineWiring
{
    private const string Cluster = "vault";

    public static void AddLoneSilo(this WebApplicationBuilder builder) => builder.UseOrleans(silo =>
    {
        silo.UseLocalhostClustering();
        silo.Services.AddSqlGrainStorage().AddSqlReminderTable();
        silo.AddReminders();
    });

    public static Task AddSiloAsync(
        this WebApplicationBuilder builder, ServeOptions options, ILoggerFactory loggers,
        CancellationToken cancellationToken)
    {
        builder.UseOrleans(silo =>
        {
            silo.Configure<ClusterOptions>(cluster => cluster.ClusterId = cluster.ServiceId = Cluster);
            silo.Configure<SiloOptions>(self => self.SiloName = options.HostName());
            silo.ConfigureEndpoints(
                options.Advertised(), options.SiloPort, options.SiloPort + 1,
                listenOnAnyHostAddress: IPAddress.Parse(options.Address).Equals(IPAddress.Any));
            silo.UseAdoNetClustering(clustering =>
            {
                clustering.Invariant = "Npgsql";
                clustering.ConnectionString = options.DatabaseUrl;
            });
            silo.Services.AddSqlGrainStorage().AddSqlReminderTable();
            silo.AddReminders();
        });
        return Task.CompletedTask;
    }

    public static void AddClusterClient(this WebApplicationBuilder builder, ServeOptions options) =>
        builder.UseOrleansClient(client =>
        {
            client.Configure<ClusterOptions>(cluster => cluster.ClusterId = cluster.ServiceId = Cluster);
            client.UseStaticClustering([.. options.Seeds().SelectMany(Gateways)]);
        });

    public static Task<Database> OpenMembershipAsync(
        ServeOptions options, ILoggerFactory? loggers, CancellationToken cancellationToken) =>
        Databases.OpenAsync(options, TimeProvider.System, loggers, cancellationToken);

    /// <summary>Orleans' silos find out by probing.</summary>
    public static Task<bool> TryEndLeaseAsync(
        Database membership, string process, CancellationToken cancellationToken) => Task.FromResult(true);

    private static IEnumerable<IPEndPoint> Gateways(string seed)
    {
        var colon = seed.LastIndexOf(':');
        var port = int.Parse(seed.AsSpan(colon + 1), System.Globalization.CultureInfo.InvariantCulture) + 1;
        return Dns.GetHostAddresses(seed[..colon].Trim('[', ']')).Select(address => new IPEndPoint(address, port));
    }
}
