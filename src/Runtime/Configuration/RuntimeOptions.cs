using System.Net;

namespace Orleans.Configuration;

/// <summary>Which cluster this is.</summary>
public sealed class ClusterOptions
{
    /// <summary>The cluster; silos of others are never talked to.</summary>
    public string ClusterId { get; set; } = "default";

    /// <summary>The service; what is stored belongs to it.</summary>
    public string ServiceId { get; set; } = "default";
}

/// <summary>The silo's name.</summary>
public sealed class SiloOptions
{
    /// <summary>A name for logs; made up when not set.</summary>
    public string? SiloName { get; set; }
}

/// <summary>Where a silo listens.</summary>
public sealed class EndpointOptions
{
    /// <summary>The port for silos.</summary>
    public int SiloPort { get; set; } = 11111;

    /// <summary>The port for clients.</summary>
    public int GatewayPort { get; set; } = 30000;

    /// <summary>The address that others use; loopback when not set.</summary>
    public IPAddress? AdvertisedIPAddress { get; set; }

    /// <summary>Where to listen for silos, when it isn't the advertised address.</summary>
    public IPEndPoint? SiloListeningEndpoint { get; set; }

    /// <summary>Where to listen for clients, when it isn't the advertised address.</summary>
    public IPEndPoint? GatewayListeningEndpoint { get; set; }
}

/// <summary>When idle activations end, and how long activating and deactivating may take.</summary>
public sealed class GrainCollectionOptions
{
    /// <summary>How long an activation may idle.</summary>
    public TimeSpan CollectionAge { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>How often to look for idle ones.</summary>
    public TimeSpan CollectionQuantum { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How long activating may take.</summary>
    public TimeSpan ActivationTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long deactivating may take.</summary>
    public TimeSpan DeactivationTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Ages by full class name, above the attribute's.</summary>
    public Dictionary<string, TimeSpan> ClassSpecificCollectionAge { get; set; } = [];
}

/// <summary>How calls travel.</summary>
public abstract class MessagingOptions
{
    /// <summary>How long callers wait.</summary>
    public TimeSpan ResponseTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The largest message, in bytes.</summary>
    public int MaxMessageBodySize { get; set; } = 104_857_600;
}

/// <summary>How a silo's calls travel.</summary>
public sealed class SiloMessagingOptions : MessagingOptions
{
    /// <summary>How often a call that was not started may be sent on.</summary>
    public int MaxForwardCount { get; set; } = 2;
}

/// <summary>How a client's calls travel.</summary>
public sealed class ClientMessagingOptions : MessagingOptions;
