using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Vault.Grains.Repair;

/// <summary>How repair goes about its work; configuration section <c>Repair</c>.</summary>
public sealed class RepairOptions
{
    /// <summary>Time between looks for work.</summary>
    public TimeSpan Period { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Bodies worked on at once.</summary>
    [Range(1, 64)]
    public int Parallel { get; set; } = 4;

    /// <summary>
    /// Time until the first repeat of an attempt that failed; doubles up to <see cref="LongestWait"/>.
    /// </summary>
    public TimeSpan FirstWait { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Longest time between two attempts at one body; nodes that come back end it.</summary>
    public TimeSpan LongestWait { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Time between searches for bodies that name a lost volume: writes that had begun may be committed after one.
    /// </summary>
    public TimeSpan SearchPeriod { get; set; } = TimeSpan.FromHours(2);

    /// <summary>Time after its loss in which a volume is searched for again; a grant ends after 12 hours.</summary>
    public TimeSpan SearchAge { get; set; } = TimeSpan.FromHours(24);
}

/// <summary>Times are positive.</summary>
internal sealed class RepairOptionsValidator : IValidateOptions<RepairOptions>
{
    public ValidateOptionsResult Validate(string? name, RepairOptions options) =>
        options.Period < TimeSpan.FromMilliseconds(100) || options.FirstWait <= TimeSpan.Zero
        || options.LongestWait < options.FirstWait || options.SearchPeriod <= TimeSpan.Zero
        || options.SearchAge < TimeSpan.Zero || options.Parallel is < 1 or > 64
            ? ValidateOptionsResult.Fail(
                "Repair: Period is at least 0.1 s, FirstWait and SearchPeriod are positive, LongestWait at least "
                + "FirstWait, SearchAge not negative, Parallel 1 to 64.")
            : ValidateOptionsResult.Success;
}
