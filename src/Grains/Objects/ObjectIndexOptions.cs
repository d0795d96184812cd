using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Vault.Grains.Objects;

/// <summary>How index commits are combined; configuration section <c>ObjectIndex</c>.</summary>
public sealed class ObjectIndexOptions
{
    /// <summary>Members that one transaction takes at most.</summary>
    [Range(1, 4096)]
    public int BatchMembers { get; set; } = 256;

    /// <summary>Bytes that one transaction carries at most, unless one member alone has more.</summary>
    [Range(64 << 10, 64 << 20)]
    public int BatchBytes { get; set; } = 1 << 20;

    /// <summary>Members that may wait for one partition; more are refused as unavailable.</summary>
    [Range(16, 1 << 20)]
    public int WaitingMembers { get; set; } = 4096;
}

[OptionsValidator]
internal sealed partial class ObjectIndexOptionsValidator : IValidateOptions<ObjectIndexOptions>;
