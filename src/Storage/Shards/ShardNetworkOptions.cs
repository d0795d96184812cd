using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Vault.Storage.Shards;

/// <summary>How shards travel between processes; configuration section <c>Shards</c>.</summary>
public sealed class ShardNetworkOptions
{
    /// <summary>
    /// <c>auto</c> (by the number of hosts: 1 or 2 <c>single</c>, 3 to 5 <c>trio</c>, from 6 <c>balanced</c>), or one
    /// of these names.
    /// </summary>
    [Required, RegularExpression("auto|single|trio|balanced")]
    public string Profile { get; set; } = "auto";

    /// <summary>
    /// Hosts that must have registered before anything is stored: so that what is written while a cluster forms is as
    /// safe as what is written later.
    /// </summary>
    [Range(1, 10_000)]
    public int LeastHosts { get; set; } = 1;

    /// <summary>
    /// With <c>auto</c> and fewer than three hosts: time for which their number must not have changed before anything
    /// is stored on one host only.
    /// </summary>
    public TimeSpan SettleTime { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Time to connect to a node.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Time a node gets to store one shard.</summary>
    public TimeSpan StoreTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Time the last stores of a chunk get once enough others have ended.</summary>
    public TimeSpan StragglerTime { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Time a node gets to send one shard, or to answer a small question.</summary>
    public TimeSpan ReadTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Time between two attempts to reach a node that did not answer.</summary>
    public TimeSpan ProbePeriod { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Connections to one node.</summary>
    [Range(1, 4096)]
    public int ConnectionsPerNode { get; set; } = 64;

    /// <summary>
    /// Bytes of memory for shards that other processes send and fetch here; apart from those of this process's own
    /// bodies, so that two processes never wait for each other's memory.
    /// </summary>
    [Range(1L << 20, 64L << 30)]
    public long NodeBufferBytes { get; set; } = 72L << 20;
}

/// <summary>Reports every wrong setting at once.</summary>
public sealed class ShardNetworkOptionsValidator : IValidateOptions<ShardNetworkOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, ShardNetworkOptions options)
    {
        List<ValidationResult> found = [];
        Validator.TryValidateObject(options, new ValidationContext(options), found, validateAllProperties: true);
        var errors = found.ConvertAll(r => $"Shards: {r.ErrorMessage}");
        foreach (var (setting, time) in new[]
        {
            (nameof(options.ConnectTimeout), options.ConnectTimeout),
            (nameof(options.StoreTimeout), options.StoreTimeout),
            (nameof(options.StragglerTime), options.StragglerTime), (nameof(options.ReadTimeout), options.ReadTimeout),
            (nameof(options.ProbePeriod), options.ProbePeriod), (nameof(options.SettleTime), options.SettleTime),
        })
        {
            if (time <= TimeSpan.Zero || time > TimeSpan.FromMinutes(5))
                errors.Add($"Shards:{setting} must be above zero and at most 00:05:00.");
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }
}
