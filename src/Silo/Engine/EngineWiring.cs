using System.Net;
using System.Net.Sockets;
using Npgsql;
using Orleans.Configuration;
using Orleans.Dashboard;
using Orleans.Messaging;
using Orleans.Serialization;
using Vault.Silo.Serve;
using Vault.Silo.Telemetry;
using Vault.Sql.Orleans;
using Vault.Sql.Orleans.Storage;

namespace Vault.Silo.Engine;

/// <summary>
/// Host wiring of Microsoft Orleans: a silo alone in its process, one of many, or a client of many. Numbers are those
/// of docs/spec/membership.md.
/// </summary>
internal static class EngineWiring
{
    /// <summary>One database and one authority are one cluster.</summary>
    public const string Cluster = "vault";

    private const string Provider = "Npgsql";
    public static readonly TimeSpan RetryStart = TimeSpan.FromMilliseconds(250);

    extension(WebApplicationBuilder builder)
    {
        /// <summary>
        /// Nobody to talk to: states and reminders in the database, no gateway, and a silo port that answers none but
        /// this process, by a certificate that no other has.
        /// </summary>
        public void AddLoneSilo(ServeOptions options) => builder.UseOrleans(silo =>
        {
            var own = ProcessCertificate.Alone();
            silo.UseLocalhostClustering(
                FreePort(), gatewayPort: 0, serviceId: SqlOrleansServices.ServiceId, clusterId: Cluster);
            silo.UseTls(own.Apply);

            // Who stops a call and then the silo would leave the word to its grain without anybody to bring it.
            silo.Configure<SiloMessagingOptions>(static messaging => messaging.WaitForCancellationAcknowledgement = true);
            if (options.Dashboard) silo.AddDashboard(Quietly);
            if (options.StateBackend == "postgres")
            {
                silo.KeepInPostgres(Connections(options.DatabaseUrl!));
                return;
            }

            silo.Services.AddSqlGrainStorage().AddSqlReminderTable();
            silo.AddReminders();
        });

        /// <summary>One of many: membership, states and reminders in PostgreSQL.</summary>
        public void AddSilo(ServeOptions options)
        {
            var certificate = ProcessCertificate.Load(options);
            var database = Connections(options.DatabaseUrl!);
            builder.Services.AddSingleton(certificate)
                .AddHostedService<CertificateInstruments>()
                .AddSingleton<IFatalErrorHandler, DeclaredDead>()
                .AddSingleton<SiloHealth>()
                .AddHostedService(services => services.GetRequiredService<SiloHealth>())
                .AddHostedService<MembershipWakeups>()
                .AddSingleton(services => new ClusterPart(() => services.GetRequiredService<SiloHealth>().Problem));
            builder.UseOrleans(silo =>
            {
                silo.Configure<ClusterOptions>(Name);
                silo.Configure<SiloOptions>(self => self.SiloName = options.HostName());
                silo.Configure<EndpointOptions>(endpoint =>
                {
                    var address = IPAddress.Parse(options.Address);
                    endpoint.AdvertisedIPAddress = options.Advertised();
                    endpoint.SiloPort = options.SiloPort;
                    endpoint.GatewayPort = options.GatewayPort;
                    endpoint.SiloListeningEndpoint = new IPEndPoint(address, options.SiloPort);
                    endpoint.GatewayListeningEndpoint = new IPEndPoint(address, options.GatewayPort);
                });
                silo.Configure<ClusterMembershipOptions>(Detect);
                silo.Configure<ExceptionSerializationOptions>(Tell);
                silo.Configure<SiloMessagingOptions>(static messaging =>
                {
                    messaging.ResponseTimeout = TimeSpan.FromSeconds(10);
                    messaging.ClientGatewayShutdownNotificationTimeout = TimeSpan.FromSeconds(1);
                });
                silo.Configure<GrainCollectionOptions>(static collection =>
                    collection.DeactivationTimeout = TimeSpan.FromSeconds(5));
                silo.UseAdoNetClustering(clustering =>
                    (clustering.Invariant, clustering.ConnectionString) = (Provider, database));
                silo.KeepInPostgres(database);
                silo.UseTls(certificate.Apply);
                if (options.Dashboard) silo.AddDashboard(Quietly);
                silo.AddOutgoingGrainCallFilter<CallRepeats>();
            });
        }

        /// <summary>No grains here: calls go to the silos through their gateways.</summary>
        public void AddClusterClient(ServeOptions options)
        {
            var certificate = ProcessCertificate.Load(options);

            // Each attempt at a silo that is away, four times a second, with a stack trace; what is of interest for who
            // operates this process is said by FirstConnection, and by the silos of each other.
            builder.Logging.AddFilter("Orleans.Runtime.Messaging.ConnectionManager", LogLevel.Error)
                .AddFilter("Orleans.Connections.Security", LogLevel.Error);
            builder.Services.AddSingleton(certificate)
                .AddHostedService<CertificateInstruments>()
                .AddSingleton<KnownSilos>()
                .AddSingleton<IGatewayListProvider>(services =>
                    new SeedGateways(options.Seeds(), services.GetRequiredService<KnownSilos>()))
                .AddSingleton<SiloWatch>()
                .AddSingleton<IClusterConnectionStatusObserver>(
                    services => services.GetRequiredService<SiloWatch>())
                .AddHostedService(services => services.GetRequiredService<SiloWatch>());
            builder.UseOrleansClient(client =>
            {
                client.Configure<ClusterOptions>(Name);
                client.Configure<ExceptionSerializationOptions>(Tell);
                client.Configure<GatewayOptions>(static gateways =>
                    gateways.GatewayListRefreshPeriod = SeedGateways.Refresh);
                client.Configure<ClientMessagingOptions>(static messaging =>
                    messaging.ResponseTimeout = TimeSpan.FromSeconds(2.5));
                client.Configure<ConnectionOptions>(static connection =>
                {
                    connection.OpenConnectionTimeout = TimeSpan.FromSeconds(2);
                    connection.ConnectionRetryDelay = RetryStart;
                });
                client.UseConnectionRetryFilter<FirstConnection>();
                client.UseTls(certificate.Apply);
                if (options.Dashboard) client.AddDashboard(Quietly);
                client.AddOutgoingGrainCallFilter<CallRepeats>();
            });
        }
    }

    extension(WebApplication app)
    {
        /// <summary>Orleans' pages, which let everybody in: what stands before them is the control plane's.</summary>
        public void MapEngineDashboard(string path) => app.MapOrleansDashboard(path).ExcludeFromDescription();
    }

    /// <summary>Its stream of log lines would outlive the session that opened it.</summary>
    private static void Quietly(DashboardOptions dashboard) => dashboard.HideTrace = true;

    private static void KeepInPostgres(this ISiloBuilder silo, string database)
    {
        silo.Services.AddSingleton<VersionedJsonSerializer>();
        silo.AddAdoNetGrainStorageAsDefault(storage => storage.Configure<VersionedJsonSerializer>(
            (settings, serializer) =>
            {
                (settings.Invariant, settings.ConnectionString) = (Provider, database);
                settings.GrainStorageSerializer = serializer;
            }));
        silo.UseAdoNetReminderService(reminders =>
            (reminders.Invariant, reminders.ConnectionString) = (Provider, database));
    }

    private static void Name(ClusterOptions cluster) =>
        (cluster.ClusterId, cluster.ServiceId) = (Cluster, SqlOrleansServices.ServiceId);

    /// <summary>What failed inside a grain reaches its caller with the causes of it, whatever their types.</summary>
    private static void Tell(ExceptionSerializationOptions exceptions)
    {
        exceptions.SupportedNamespacePrefixes.Add(nameof(Vault));
        exceptions.SupportedNamespacePrefixes.Add(nameof(Npgsql));
    }

    /// <summary>
    /// Connections of Orleans' providers: few, and not patient with a database that hangs (decisions §1.3).
    /// </summary>
    public static string Connections(string databaseUrl) => new NpgsqlConnectionStringBuilder(databaseUrl)
    {
        ApplicationName = "vault engine", MaxPoolSize = 8, Timeout = 3, CommandTimeout = 3,
    }.ConnectionString;

    /// <summary>Seconds from a silo's death until its grains are elsewhere (decisions §2.1, §9.7).</summary>
    private static void Detect(ClusterMembershipOptions membership)
    {
        // The first four probes of a silo have this time; of one that answers quickly each takes half of it
        // (docs/spec/membership.md).
        membership.ProbeTimeout = TimeSpan.FromSeconds(0.8);

        // Three times this a silo that hangs with its connections open is left alone after its last message.
        membership.MaxProbeTimeout = TimeSpan.FromSeconds(1);

        // A silo that has just started misses two on a busy machine.
        membership.NumMissedProbesLimit = 3;
        membership.NumVotesForDeathDeclaration = 2;
        membership.TableRefreshTimeout = TimeSpan.FromSeconds(2);
        membership.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(10);
        membership.DefunctSiloExpiration = TimeSpan.FromDays(1);
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
