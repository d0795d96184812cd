using Vault.Runtime.Ownership;
using Vault.Runtime.Simulation.Database;

namespace Vault.Runtime.Simulation.Breaks;

/// <summary>
/// Takes the drain from leaving: a leaver counts as one that serves nothing from the moment it leaves.
/// </summary>
internal sealed class HastyTables : MembershipTables
{
    public override bool Leave(ViewStep step, SiloAddress self) =>
        base.Leave(step, self) && Acknowledge(self, step.To);
}
