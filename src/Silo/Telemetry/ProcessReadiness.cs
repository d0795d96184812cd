using Microsoft.Extensions.Options;
using Vault.ControlPlane;
using Vault.ControlPlane.Health;
using Vault.Grains.Abstractions.Objects;
using Vault.Grains.Abstractions.Wire;
using Vault.Silo.Nodes;
using Vault.Silo.Serve;
using Vault.Storage.Shards;

namespace Vault.Silo.Telemetry;

/// <summary>
/// Ready means: not told to stop, the silo here is a member of the cluster, the database
/// answers through the grains, every volume here takes writes and is known to whoever writes, and a front end
/// knows hosts enough to store on.
/// </summary>
internal sealed class ProcessReadiness(
    ServeOptions options, IOptions<ControlPlaneOptions> control, IGrainFactory grains, Draining draining,
    IHostApplicationLifetime lifetime, TimeProvider time, Listeners listeners, ShardClient? shards = null,
    ClusterPart? part = null, NodePresence? presence = null)
    : IReadiness
{
    public long StartedAtMs { get; } = time.GetUtcNow().ToUnixTimeMilliseconds();

    public Uri? S3 => listeners.S3Tls ?? listeners.S3;

    public async Task<Readiness> CheckAsync(CancellationToken cancellationToken)
    {
        var problems = new List<string>();
        if (draining.HasBegun || lifetime.ApplicationStopping.IsCancellationRequested)
            problems.Add("it has been told to stop");
        if (part?.Problem() is { } apart) problems.Add(apart);
        if (presence is { IsKnown: false }) problems.Add("the cluster does not know its volumes yet");
        try
        {
            await grains.GetGrain<IManifestGrain>(0).GrantAsync(cancellationToken);
        }
        catch (Exception e) when (e is StoreUnavailableException or TimeoutException or OrleansException)
        {
            problems.Add("the metadata does not answer"); // the log of who asks the database says why
        }

        if (options.RoleSet.HasFlag(Roles.S3) && shards?.Network is { IsForming: true })
            problems.Add("it knows too few hosts to store on");
        foreach (var volume in shards?.LocalVolumes ?? [])
        {
            if (volume.State == Storage.Volumes.VolumeState.ReadOnly)
                problems.Add($"volume {volume.Number} takes no writes");
        }

        return new Readiness(
            options.RoleSet.HasFlag(Roles.Silo) ? options.StateBackend : "silos", Warnings(), problems);
    }

    private List<string> Warnings()
    {
        var warnings = new List<string>();
        var roles = options.RoleSet;
        if (roles.HasFlag(Roles.Control) && control.Value.InternalToken is null)
            warnings.Add("internal_api_token_weak_or_missing");
        if (roles.HasFlag(Roles.Silo) && options.StateBackend == "file")
            warnings.Add("state_backend_file_not_recommended");
        if (roles.HasFlag(Roles.S3) && options.S3TlsPort is null) warnings.Add("tls_disabled");
        foreach (var volume in shards?.LocalVolumes ?? [])
        {
            if (volume.State == Storage.Volumes.VolumeState.ReadOnly) warnings.Add($"volume_{volume.Number}_read_only");
            if (volume.State == Storage.Volumes.VolumeState.Full) warnings.Add($"volume_{volume.Number}_full");
        }

        return warnings;
    }
}
