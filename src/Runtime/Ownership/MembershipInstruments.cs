using System.Diagnostics.Metrics;
using Vault.Runtime.Activation;
using Vault.Runtime.Invocation;

namespace Vault.Runtime.Ownership;

/// <summary>What a silo measures of the cluster, meter <c>Vault.Runtime</c>.</summary>
internal sealed class MembershipInstruments
{
    private readonly Counter<long> _removals;
    private readonly Counter<long> _losses;

    public MembershipInstruments(IMeterFactory meters, LocalNode node, ViewHolder views)
    {
        var meter = meters.Create(RuntimeInstruments.MeterName);
        meter.CreateObservableGauge(
            "vault.runtime.view", () => views.Current.Number, "{view}", "Number of the view that this silo follows.");
        meter.CreateObservableGauge(
            "vault.runtime.view.acknowledged",
            () => views.Snapshot.Acknowledged.GetValueOrDefault(node.Address),
            "{view}",
            "Number of the view that this silo has last acknowledged.");
        meter.CreateObservableGauge(
            "vault.runtime.members",
            () => new Measurement<int>[]
            {
                new(views.Current.Owners.Length, new KeyValuePair<string, object?>("role", "owner")),
                new(views.Current.Leavers.Length, new KeyValuePair<string, object?>("role", "leaver")),
            },
            "{silo}",
            "Silos in that view.");
        meter.CreateObservableGauge(
            "vault.runtime.serving", () => node.IsServing ? 1 : 0, "1", "Whether this silo may answer calls.");
        meter.CreateObservableGauge(
            "vault.runtime.lease.margin",
            () => node.Lease.Remaining is var left && left != TimeSpan.MaxValue
                ? (Measurement<double>[])[new(left.TotalSeconds)]
                : [],
            "s",
            "What is left of this silo's lease; nothing where it needs none.");
        _removals = meter.CreateCounter<long>(
            "vault.runtime.removals", "{silo}", "Silos that this one removed from the cluster, by reason.");
        _losses = meter.CreateCounter<long>(
            "vault.runtime.lease.losses", "{lease}", "Leases that this silo lost; it joined again after each.");
    }

    public void Removed(RemovalCondition condition) => _removals.Add(
        1,
        new KeyValuePair<string, object?>("reason", condition switch
        {
            RemovalCondition.Ended => "ended",
            RemovalCondition.Left => "left",
            _ => "silent",
        }));

    public void LeaseLost() => _losses.Add(1);
}
