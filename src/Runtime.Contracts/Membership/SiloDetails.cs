namespace Orleans.Runtime;

/// <summary>This silo.</summary>
public interface ILocalSiloDetails
{
    /// <summary>Its name.</summary>
    string Name { get; }

    /// <summary>Its cluster.</summary>
    string ClusterId { get; }

    /// <summary>The machine's name.</summary>
    string DnsHostName { get; }

    /// <summary>Its address.</summary>
    SiloAddress SiloAddress { get; }

    /// <summary>Its address for clients.</summary>
    SiloAddress GatewayAddress { get; }
}

/// <summary>How a silo is.</summary>
public enum SiloStatus
{
    /// <summary>Unknown.</summary>
    None = 0,

    /// <summary>Made.</summary>
    Created = 1,

    /// <summary>About to serve.</summary>
    Joining = 2,

    /// <summary>Serves.</summary>
    Active = 3,

    /// <summary>Leaves, and hands over first.</summary>
    ShuttingDown = 4,

    /// <summary>Leaves.</summary>
    Stopping = 5,

    /// <summary>Gone.</summary>
    Dead = 6,
}
