using Microsoft.Extensions.Options;

namespace Vault.Grains.Reclaim;

/// <summary>When what nothing refers to is deleted (decisions §3.7); configuration section <c>Reclaim</c>.</summary>
public sealed class ReclaimOptions
{
    /// <summary>Time between passes; at least a second.</summary>
    public TimeSpan Period { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Time from a manifest's death to the deletion of its shards, however short the reads are.</summary>
    public TimeSpan DeadGrace { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Time after its last report at which a front end's running reads are no longer waited for.</summary>
    public TimeSpan GatewayLapse { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Age at which a stored shard that no manifest names is deleted; a grant ends after 12 hours.</summary>
    public TimeSpan OrphanAge { get; set; } = TimeSpan.FromHours(24);

    /// <summary>Age at which an open upload is aborted, and an ended one forgotten.</summary>
    public TimeSpan UploadAge { get; set; } = TimeSpan.FromDays(7);

    /// <summary>Age at which idempotency keys and report ids are forgotten.</summary>
    public TimeSpan MemoAge { get; set; } = TimeSpan.FromHours(24);

    /// <summary>Shard records that one periodic pass looks at; the next one goes on from there.</summary>
    public int RecordsPerPass { get; set; } = 50_000;
}

/// <summary>Nothing may be negative, and the period is the engine's to keep.</summary>
internal sealed class ReclaimOptionsValidator : IValidateOptions<ReclaimOptions>
{
    public ValidateOptionsResult Validate(string? name, ReclaimOptions options)
    {
        if (options.Period < TimeSpan.FromSeconds(1))
        {
            return ValidateOptionsResult.Fail("Reclaim:Period: at least one second.");
        }

        TimeSpan[] ages =
            [options.DeadGrace, options.GatewayLapse, options.OrphanAge, options.UploadAge, options.MemoAge];
        return Array.Exists(ages, static age => age < TimeSpan.Zero)
            ? ValidateOptionsResult.Fail(
                "Reclaim: DeadGrace, GatewayLapse, OrphanAge, UploadAge and MemoAge are not negative.")
            : options.RecordsPerPass < 1
                ? ValidateOptionsResult.Fail("Reclaim:RecordsPerPass: at least 1.")
                : ValidateOptionsResult.Success;
    }
}
