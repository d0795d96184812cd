using Orleans.Concurrency;
using Vault.Grains.Abstractions.Silos;

namespace Vault.Grains.Silos;

/// <summary>Tells front ends which silos are there.</summary>
[StatelessWorker]
internal sealed class SiloViewGrain(IClusterMembershipService membership, ILocalSiloDetails self) : Grain, ISiloViewGrain
{
    public Task<SiloView> ReadAsync(CancellationToken cancellationToken)
    {
        var snapshot = membership.CurrentSnapshot;
        return Task.FromResult(new SiloView
        {
            Version = snapshot.Version.Value,
            Active =
            [
                .. snapshot.Members.Values.Where(static m => m.Status == SiloStatus.Active)
                    .Select(static m => m.SiloAddress.ToParsableString()),
            ],
            Self = self.SiloAddress.ToParsableString(),
            Gateway = self.GatewayAddress?.Endpoint.ToString() ?? "",
        });
    }
}
