using Vault.Runtime.Ownership;

namespace Vault.Runtime.Simulation.Database;

/// <summary>
/// The membership tables. Every change takes the one row of the cluster first, so each is one instant.
/// </summary>
internal class MembershipTables
{
    private readonly Dictionary<SiloAddress, StoredSilo> _silos = [];
    private readonly SortedDictionary<long, StoredView> _views = [];
    private long _revision;

    public MembershipTables() => _views.Add(0, new StoredView(0, 0));

    /// <summary>A silo has just become a leaver.</summary>
    public event Action<SiloAddress>? Left;

    /// <summary>How many silos are removed because their silence was taken for their end.</summary>
    public int Removals { get; private set; }

    public StoredView Current => _views.Values.Last();

    public StoredCluster Read(long knownRevision) => new(
        "simulated",
        _revision,
        [.. _views.Values],
        [
            .. _silos.Values.OrderBy(s => s.Address)
                .Select(s => knownRevision == _revision ? s with { Adverts = null } : s),
        ]);

    public bool Join(ViewStep step, StoredSilo silo, SiloAddress? previous)
    {
        if (!Make(step))
        {
            return false;
        }

        if (previous is not null && _silos.TryGetValue(previous, out var before) && before.Gone is null)
        {
            _silos[previous] = before with { Gone = step.To };
        }

        _silos.Add(silo.Address, silo with
        {
            Joined = step.To, Acknowledged = step.To, Leaving = null, Gone = null, Retired = false, Ended = false,
            Renewals = 0,
        });
        return Forget(step);
    }

    public long? Renew(SiloAddress self)
    {
        if (Live(self) is not { Ended: false } silo)
        {
            return null;
        }

        _silos[self] = silo with { Renewals = silo.Renewals + 1 };
        return silo.Renewals + 1;
    }

    public bool Acknowledge(SiloAddress self, long view)
    {
        if (Live(self) is not { } silo || silo.Acknowledged >= view)
        {
            return false;
        }

        _silos[self] = silo with { Acknowledged = view };
        _revision++;
        return true;
    }

    public virtual bool Leave(ViewStep step, SiloAddress self)
    {
        if (step.From != Current.Number || Live(self) is not { Leaving: null } silo)
        {
            return false;
        }

        Make(step);
        _silos[self] = silo with { Leaving = step.To };
        Left?.Invoke(self);
        return Forget(step);
    }

    public bool Remove(ViewStep step, IReadOnlyList<Removal> removals)
    {
        if (step.From != Current.Number || !removals.All(Holds))
        {
            return false;
        }

        Make(step);
        foreach (var removal in removals)
        {
            Removals += removal.Condition == RemovalCondition.Unchanged ? 1 : 0;
            var silo = _silos[removal.Silo];
            _silos[removal.Silo] = silo with
            {
                Gone = step.To, Retired = removal.Condition == RemovalCondition.Left,
            };
        }

        return Forget(step);
    }

    public int EndLease(string process)
    {
        _revision++;
        var ended = _silos.Values.Where(s => s.Process == process && s is { Gone: null, Ended: false }).ToList();
        foreach (var silo in ended)
        {
            _silos[silo.Address] = silo with { Ended = true };
        }

        return ended.Count;
    }

    private bool Holds(Removal removal) => Live(removal.Silo) is { } silo && removal.Condition switch
    {
        RemovalCondition.Unchanged => silo.Renewals == removal.Renewals,
        RemovalCondition.Ended => silo.Ended,
        _ => silo.Acknowledged >= silo.Leaving,
    };

    private StoredSilo? Live(SiloAddress address) =>
        _silos.TryGetValue(address, out var silo) && silo.Gone is null ? silo : null;

    private bool Make(ViewStep step)
    {
        if (step.From != Current.Number)
        {
            return false;
        }

        _views.Add(step.To, new StoredView(step.To, step.Stamp));
        _revision = Math.Max(_revision + 1, step.Revision);
        return true;
    }

    /// <summary>Drops views and silos that no view needs any more.</summary>
    private bool Forget(ViewStep step)
    {
        var lowest = _silos.Values.Where(s => s.Gone is null).Select(s => s.Acknowledged)
            .DefaultIfEmpty(step.To).Min();
        foreach (var number in _views.Keys.Where(n => n < lowest).ToList())
        {
            _views.Remove(number);
        }

        foreach (var silo in _silos.Values.Where(s => s.Gone <= lowest && (!s.Retired || s.Gone <= step.To - 64))
            .ToList())
        {
            _silos.Remove(silo.Address);
        }

        return true;
    }
}
