using Microsoft.Extensions.Options;

namespace Vault.Grains.Nodes;

/// <summary>When a node counts as away, and when its shards are given up; configuration section <c>Nodes</c>.</summary>
public sealed class NodeDirectoryOptions
{
    /// <summary>Time without a heartbeat after which a node counts as away: nothing is stored there.</summary>
    public TimeSpan AwayAfter { get; set; } = TimeSpan.FromSeconds(4);

    /// <summary>
    /// Time after which the shards of a node that is away are made again elsewhere; a node that comes back with an
    /// empty directory is not waited for.
    /// </summary>
    public TimeSpan LostAfter { get; set; } = TimeSpan.FromHours(4);
}

/// <summary>Both are positive, in their order.</summary>
internal sealed class NodeDirectoryOptionsValidator : IValidateOptions<NodeDirectoryOptions>
{
    public ValidateOptionsResult Validate(string? name, NodeDirectoryOptions options) =>
        options.AwayAfter < TimeSpan.FromSeconds(1) || options.LostAfter < options.AwayAfter
            ? ValidateOptionsResult.Fail("Nodes: AwayAfter is at least one second, LostAfter at least AwayAfter.")
            : ValidateOptionsResult.Success;
}
