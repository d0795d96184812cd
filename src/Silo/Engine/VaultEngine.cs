#if GRAIN_ENGINE_VAULT
using System.Net;
using Orleans.Configuration;
using Vault.Events.Bus;
using Vault.Runtime;
using Vault.Runtime.Hosting;
using Vault.Runtime.Sql;
using Vault.Runtime.Sql.Membership;
using Vault.Silo.Serve;
using Vault.Silo.Telemetry;
using Vault.Sql;

namespace Vault.Silo.Engine;

/// <summary>
/// Host wiring of the default engine: a silo alone in its process, one of many, or a client of many.
/// </summary>
internal static class EngineWiring
{
    /// <summary>Proven in the handshake beside the secret; one secret is one cluster.</summary>
    private const string Cluster = "vault";

    private const string MembershipDatabase = "membership";

    /// <summary>States and reminders in the database, no others to talk to.</summary>
    public static void AddLoneSilo(this WebApplicationBuilder builder) => builder.UseOrleans(silo =>
    {
        silo.UseLocalhostClustering();
        silo.Services.AddSqlGrainStorage().AddSqlReminderTable();
        silo.AddReminders();
    });

    /// <summary>One of many: membership in the database, calls over TCP.</summary>
    public static async Task AddSiloAsync(
        this WebApplicationBuilder builder, ServeOptions options, ILoggerFactory loggers,
        CancellationToken cancellationToken)
    {
        var membership = await OpenMembershipAsync(options, loggers, cancellationToken);
        builder.Services.AddKeyedSingleton(MembershipDatabase, (_, _) => membership)
            .AddSingleton<IMembershipWakeups, MembershipWakeups>()
            .AddSingleton(services => new ClusterPart(() => services.GetRequiredService<SiloHealth>().Problem));
        var secret = options.Secret();
        builder.UseOrleans(silo =>
        {
            silo.Configure<ClusterOptions>(cluster => cluster.ClusterId = cluster.ServiceId = Cluster);
            silo.Configure<SiloOptions>(self => self.SiloName = options.HostName());
            silo.Configure<EndpointOptions>(endpoint =>
            {
                endpoint.AdvertisedIPAddress = options.Advertised();
                endpoint.SiloPort = options.SiloPort;
                endpoint.SiloListeningEndpoint = new IPEndPoint(IPAddress.Parse(options.Address), options.SiloPort);
            });
            silo.Configure<MembershipOptions>(member =>
            {
                member.Weight = options.Weight;
                if (Environment.GetEnvironmentVariable(SupervisedLease.Variable) is { Length: > 0 } name)
                    member.Process = name;
            });
            silo.UseTcpTransport(transport => Secure(transport, options, secret));
            silo.UseSqlMembership(services => services.GetRequiredKeyedService<Database>(MembershipDatabase));
            silo.Services.AddSqlGrainStorage().AddSqlReminderTable();
            silo.AddReminders();
        });
    }

    /// <summary>No grains here: calls go to the silos that own them.</summary>
    public static void AddClusterClient(this WebApplicationBuilder builder, ServeOptions options)
    {
        var secret = options.Secret();
        builder.UseOrleansClient(client =>
        {
            client.Configure<ClusterOptions>(cluster => cluster.ClusterId = cluster.ServiceId = Cluster);
            client.UseTcpTransport(options.Seeds(), transport => Secure(transport, options, secret));
        });
    }

    /// <summary>The database of the membership tables, with connections that nothing else can take.</summary>
    public static Task<Database> OpenMembershipAsync(
        ServeOptions options, ILoggerFactory? loggers, CancellationToken cancellationToken) =>
        Databases.OpenPatientlyAsync(
            ct => Database.OpenPostgresAsync(
                SqlMembershipServices.Connections(options.DatabaseUrl!), TimeProvider.System, loggers, ct),
            TimeProvider.System, cancellationToken);

    /// <summary>Says that a process has ended; false when the database did not take it.</summary>
    public static Task<bool> TryEndLeaseAsync(
        Database membership, string process, CancellationToken cancellationToken) =>
        SqlMembershipServices.TryEndLeaseAsync(membership, process, cancellationToken);

    private static void Secure(TransportOptions transport, ServeOptions options, string secret)
    {
        transport.ClusterSecret = secret;
        transport.CertificateFile = options.ClusterTlsCert;
        transport.CertificateKeyFile = options.ClusterTlsKey;
        transport.AuthorityFile = options.ClusterTlsAuthority;
    }

    /// <summary>Changes of membership over the event bus.</summary>
    private sealed class MembershipWakeups(EventBus bus) : IMembershipWakeups
    {
        public void Send(long revision) => bus.Publish(EventChannel.Views, revision);

        public IDisposable Subscribe(Action wake)
        {
            var subscription = bus.Subscribe(EventChannel.Views);
            _ = ListenAsync(subscription, wake);
            return subscription;
        }

        private static async Task ListenAsync(EventSubscription subscription, Action wake)
        {
            try
            {
                while (true)
                {
                    await subscription.NextAsync(CancellationToken.None);
                    wake();
                }
            }
            catch (ObjectDisposedException)
            {
                // the subscription has ended
            }
        }
    }
}
#endif
