namespace Vault.Load.Workload;

/// <summary>What a run does.</summary>
internal enum Operation
{
    /// <summary>PUT every key once, in order of their numbers.</summary>
    Fill,

    /// <summary>PUT: half of them overwrite a key of the filled range, half make a new one.</summary>
    Put,

    /// <summary>GET of uniformly random keys of the filled range.</summary>
    Get,

    /// <summary>HEAD of the same.</summary>
    Head,

    /// <summary>DELETE of each key once.</summary>
    Delete,

    /// <summary>LIST from a random place.</summary>
    List,

    /// <summary>Seven GETs for three PUTs.</summary>
    Mixed,
}
