using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Orleans.TestingHost;

/// <summary>Configures the silos of a test cluster.</summary>
public interface ISiloConfigurator
{
    /// <summary>Configures a silo.</summary>
    void Configure(ISiloBuilder siloBuilder);
}

/// <summary>Configures the client of a test cluster.</summary>
public interface IClientBuilderConfigurator
{
    /// <summary>Configures the client.</summary>
    void Configure(IConfiguration configuration, IClientBuilder clientBuilder);
}

/// <summary>Configures hosts of a test cluster.</summary>
public interface IHostConfigurator
{
    /// <summary>Configures a host.</summary>
    void Configure(IHostBuilder hostBuilder);
}

/// <summary>How the processes of a test cluster talk.</summary>
public enum ConnectionTransportType
{
    /// <summary>By TCP.</summary>
    TcpSocket = 0,

    /// <summary>In memory.</summary>
    InMemory = 1,

    /// <summary>By Unix sockets.</summary>
    UnixSocket = 2,
}

/// <summary>How a test cluster is built.</summary>
public class TestClusterOptions
{
    /// <summary>The cluster.</summary>
    public string ClusterId { get; set; } = "";

    /// <summary>The service.</summary>
    public string ServiceId { get; set; } = "";

    /// <summary>How many silos start.</summary>
    public short InitialSilosCount { get; set; } = 2;

    /// <summary>Whether the client starts with them.</summary>
    public bool InitializeClientOnDeploy { get; set; } = true;

    /// <summary>How they talk; this engine's test clusters talk in memory.</summary>
    public ConnectionTransportType ConnectionTransport { get; set; } = ConnectionTransportType.InMemory;

    /// <summary>What configures silos.</summary>
    public List<string> SiloBuilderConfiguratorTypes { get; } = [];

    /// <summary>What configures the client.</summary>
    public List<string> ClientBuilderConfiguratorTypes { get; } = [];
}

/// <summary>Builds a <see cref="TestCluster"/>.</summary>
public class TestClusterBuilder
{
    private readonly List<Action<IConfigurationBuilder>> _configure = [];

    /// <summary>A cluster of two silos.</summary>
    public TestClusterBuilder()
        : this(2)
    {
    }

    /// <summary>A cluster of so many silos.</summary>
    public TestClusterBuilder(short initialSilosCount) => Options = new TestClusterOptions
    {
        ClusterId = CreateClusterId(),
        ServiceId = Guid.NewGuid().ToString("N"),
        InitialSilosCount = initialSilosCount,
    };

    /// <summary>How it is built.</summary>
    public TestClusterOptions Options { get; }

    /// <summary>Configuration values.</summary>
    public Dictionary<string, string?> Properties { get; } = [];

    /// <summary>A new cluster id.</summary>
    public static string CreateClusterId() => "testcluster-" + Guid.NewGuid().ToString("N")[..12];

    /// <summary>Adds configuration.</summary>
    public TestClusterBuilder ConfigureHostConfiguration(Action<IConfigurationBuilder> configureDelegate)
    {
        _configure.Add(configureDelegate);
        return this;
    }

    /// <summary>Configures silos.</summary>
    public TestClusterBuilder AddSiloBuilderConfigurator<T>()
        where T : new()
    {
        if (!typeof(ISiloConfigurator).IsAssignableFrom(typeof(T))
            && !typeof(IHostConfigurator).IsAssignableFrom(typeof(T)))
        {
            throw new ArgumentException(
                $"{typeof(T)} implements neither {nameof(ISiloConfigurator)} nor {nameof(IHostConfigurator)}.");
        }

        Options.SiloBuilderConfiguratorTypes.Add(typeof(T).AssemblyQualifiedName!);
        return this;
    }

    /// <summary>Configures the client.</summary>
    public TestClusterBuilder AddClientBuilderConfigurator<T>()
        where T : new()
    {
        if (!typeof(IClientBuilderConfigurator).IsAssignableFrom(typeof(T))
            && !typeof(IHostConfigurator).IsAssignableFrom(typeof(T)))
        {
            throw new ArgumentException($"{typeof(T)} implements neither {nameof(IClientBuilderConfigurator)} nor "
                + $"{nameof(IHostConfigurator)}.");
        }

        Options.ClientBuilderConfiguratorTypes.Add(typeof(T).AssemblyQualifiedName!);
        return this;
    }

    /// <summary>The cluster, not started.</summary>
    public TestCluster Build()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(Properties);
        foreach (var configure in _configure)
        {
            configure(configuration);
        }

        return new TestCluster(Options, configuration.Build());
    }
}
