using Vault.Runtime.Invocation;
using Vault.Runtime.Ownership;

namespace Vault.Runtime;

/// <summary>Whether this process's silo takes calls: an owner in the current view, with a lease that runs.</summary>
public sealed class SiloHealth
{
    private readonly LocalNode _node;
    private readonly ViewHolder _views;

    internal SiloHealth(LocalNode node, ViewHolder views) => (_node, _views) = (node, views);

    /// <summary>Whether calls are served here.</summary>
    public bool IsReady => Problem is null;

    /// <summary>What is in the way, in words for an operator; null when nothing is.</summary>
    public string? Problem
    {
        get
        {
            var view = _views.Current;
            return view.Owners.Any(m => m.Address.Equals(_node.Address))
                ? _node.IsServing ? null : "the silo's lease has ended"
                : view.Contains(_node.Address) ? "the silo leaves the cluster"
                : "the silo is not a member of the cluster";
        }
    }

    /// <summary>The silo as the cluster knows it now.</summary>
    public SiloAddress Address => _node.Address;

    /// <summary>The number of the view that it follows.</summary>
    public long View => _views.Current.Number;
}
