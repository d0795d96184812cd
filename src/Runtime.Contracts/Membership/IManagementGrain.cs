namespace Orleans.Runtime;

/// <summary>
/// Asks the cluster about itself; key 0. All methods only read, or ask for what would happen anyway: retries are safe.
/// </summary>
[Alias("orleans.management")]
public interface IManagementGrain : IGrainWithIntegerKey
{
    /// <summary>The silos.</summary>
    [Alias("GetHosts")]
    Task<Dictionary<SiloAddress, SiloStatus>> GetHosts(bool onlyActive = false);

    /// <summary>Ends activations that have been idle for so long, on these silos.</summary>
    [Alias("ForceActivationCollectionOn")]
    Task ForceActivationCollection(SiloAddress[] hostsIds, TimeSpan ageLimit);

    /// <summary>Ends activations that have been idle for so long, on all silos.</summary>
    [Alias("ForceActivationCollection")]
    Task ForceActivationCollection(TimeSpan ageLimit);

    /// <summary>How many activations each silo has of each class.</summary>
    [Alias("GetSimpleGrainStatistics")]
    Task<SimpleGrainStatistic[]> GetSimpleGrainStatistics();

    /// <summary>How many activations there are.</summary>
    [Alias("GetTotalActivationCount")]
    Task<int> GetTotalActivationCount();

    /// <summary>The silo that a grain is active on, or null.</summary>
    [Alias("GetActivationAddress")]
    ValueTask<SiloAddress?> GetActivationAddress(IAddressable reference);
}

/// <summary>How many activations a silo has of a class.</summary>
[GenerateSerializer, Alias("orleans.simple-grain-statistic")]
public sealed class SimpleGrainStatistic
{
    /// <summary>The class's full name.</summary>
    [Id(0)]
    public string GrainType { get; set; } = "";

    /// <summary>The silo.</summary>
    [Id(1)]
    public SiloAddress SiloAddress { get; set; } = null!;

    /// <summary>How many.</summary>
    [Id(2)]
    public int ActivationCount { get; set; }
}
