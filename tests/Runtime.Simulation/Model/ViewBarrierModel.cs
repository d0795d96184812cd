using System.Collections.Immutable;
using System.Numerics;
using Vault.Runtime.Activation;
using Vault.Runtime.Ownership;

namespace Vault.Runtime.Simulation.Model;

/// <summary>
/// The view barrier in the small, in every order that there is: three silos, one grain, up to four views whose owners
/// an adversary picks; pauses, lost leases, rejoins, graceful leave, activation in two steps (check, then start).
/// Whether a grain may be activated is asked of the engine's own rule.
/// </summary>
/// <remarks>
/// A state is one number. Bits 0–23: three silos of 8 bits (known view 2, acknowledged view 2, lease, active, running,
/// check passed). Bits 24–25: the current view. Bits 26–57: four views of 8 bits (owners 3, leavers 3, owner of the
/// grain 2).
/// </remarks>
internal sealed class ViewBarrierModel(Weakening weakening)
{
    private const int Silos = 3;
    private const int LastView = 3;
    private const int ViewShift = 24;
    private const int ViewsShift = 26;
    private const int All = (1 << Silos) - 1;
    private const int Lease = 16;
    private const int Active = 32;
    private const int Running = 64;
    private const int Passed = 128;
    private static readonly GrainId s_grain = GrainId.Create("model", "1");
    private static readonly ImmutableArray<Member> s_members =
    [
        .. Enumerable.Range(0, Silos).Select(i => new Member(
            SiloAddress.New(System.Net.IPAddress.Loopback, i + 1, 1), "silo", 1,
            [new GrainAdvert("model", "Model", [])])),
    ];

    private readonly StateSet _seen = new();
    private readonly Dictionary<ulong, bool> _answers = [];
    private List<ulong> _level = [];
    private List<ulong> _next = [];

    /// <summary>States that were reached.</summary>
    public int States => _seen.Count;

    /// <summary>After how few steps two silos serve at once; null when they never do.</summary>
    public int? StepsToTwoActive()
    {
        Reach(Start());
        for (var steps = 0; _next.Count > 0; steps++)
        {
            (_level, _next) = (_next, _level);
            _next.Clear();
            foreach (var state in _level)
            {
                var serving = 0;
                for (var i = 0; i < Silos; i++)
                {
                    serving += (Silo(state, i) & (Lease | Active)) == (Lease | Active) ? 1 : 0;
                }

                if (serving > 1)
                {
                    return steps;
                }

                Expand(state);
            }
        }

        return null;
    }

    private static ulong Start()
    {
        var state = (ulong)All << ViewsShift;
        for (var i = 0; i < Silos; i++)
        {
            state = WithSilo(state, i, Lease | Running);
        }

        return state;
    }

    private static int Silo(ulong state, int i) => (int)(state >> (i * 8)) & 0xff;

    private static ulong WithSilo(ulong state, int i, int silo) =>
        (state & ~(0xffUL << (i * 8))) | ((ulong)silo << (i * 8));

    private static int View(ulong state, int number) => (int)(state >> (ViewsShift + (number * 8))) & 0xff;

    private static int Current(ulong state) => (int)(state >> ViewShift) & 3;

    private static int Known(int silo) => silo & 3;

    private static int Acknowledged(int silo) => (silo >> 2) & 3;

    private static int Owner(int view) => view >> 6;

    private static int Owners(int view) => view & All;

    private static int Leavers(int view) => (view >> Silos) & All;

    private void Reach(ulong state)
    {
        if (_seen.Add(state))
        {
            _next.Add(state);
        }
    }

    private void Expand(ulong state)
    {
        var number = Current(state);
        var view = View(state, number);
        for (var i = 0; i < Silos; i++)
        {
            var silo = Silo(state, i);
            if ((silo & Lease) != 0)
            {
                Live(state, number, view, i, silo);
            }
        }

        if (number < LastView)
        {
            ChangeView(state, number, view);
        }
    }

    private void Live(ulong state, int number, int view, int i, int silo)
    {
        Reach(WithSilo(state, i, silo ^ Running)); // pauses or goes on
        if ((silo & Running) == 0)
        {
            Reach(WithSilo(state, i, silo & ~Lease)); // its own clock ends the lease while it cannot renew
            return;
        }

        if (Known(silo) < number)
        {
            Reach(WithSilo(state, i, (silo & ~3) | number)); // learns the current view
        }

        if (Acknowledged(silo) < Known(silo))
        {
            // acknowledges: cancels checks, drains what it does not own
            var mine = Owner(View(state, Known(silo))) == i;
            var next = (silo & ~(3 << 2)) | (Known(silo) << 2);
            next &= mine ? ~0 : ~Active;
            next &= mine || weakening == Weakening.AcknowledgingKeepsChecks ? ~0 : ~Passed;
            Reach(WithSilo(state, i, next));
        }

        if (Known(silo) == number && (silo & Active) == 0 && Owner(view) == i && (Owners(view) & (1 << i)) != 0
            && MayActivate(state, number, i))
        {
            Reach(WithSilo(state, i, silo | Passed)); // the check, in one snapshot of view and acknowledgements
        }

        if ((silo & Passed) != 0)
        {
            Reach(WithSilo(state, i, (silo | Active) & ~Passed)); // the start
        }
    }

    private void ChangeView(ulong state, int number, int view)
    {
        var (owners, leavers) = (Owners(view), Leavers(view));
        for (var j = 0; j < Silos; j++)
        {
            var bit = 1 << j;
            var silo = Silo(state, j);
            var isMember = ((owners | leavers) & bit) != 0;
            if (isMember && ((silo & Lease) == 0 || weakening == Weakening.RemovedWhileTheLeaseRuns
                || HasLeft(state, number, j)))
            {
                AddViews(state, number, owners & ~bit, leavers & ~bit);
            }

            if ((owners & bit) != 0 && (silo & Lease) != 0)
            {
                AddViews(
                    state, number, owners & ~bit,
                    weakening == Weakening.LeaverGoesAtOnce ? leavers : leavers | bit); // graceful leave
            }

            if (!isMember && (silo & Lease) == 0)
            {
                // a fresh generation joins, acknowledging its first view
                var next = number + 1;
                AddViews(WithSilo(state, j, next | (next << 2) | Lease | Running), number, owners | bit, leavers);
            }
        }
    }

    /// <summary>Whether a leaver has acknowledged a view in which it is one.</summary>
    private static bool HasLeft(ulong state, int number, int j)
    {
        for (var x = 0; x <= number; x++)
        {
            if ((Leavers(View(state, x)) & (1 << j)) != 0)
            {
                return Acknowledged(Silo(state, j)) >= x;
            }
        }

        return false;
    }

    /// <summary>The next view, with every owner that the grain may have in it.</summary>
    private void AddViews(ulong state, int number, int owners, int leavers)
    {
        for (var owner = 0; owner < Silos; owner++)
        {
            if ((owners & (1 << owner)) != 0)
            {
                var view = (ulong)(owners | (leavers << Silos) | (owner << 6));
                var next = (state & ~(3UL << ViewShift)) | ((ulong)(number + 1) << ViewShift);
                Reach(next | (view << (ViewsShift + ((number + 1) * 8))));
            }
        }
    }

    private bool MayActivate(ulong state, int number, int i)
    {
        if (weakening == Weakening.NoBarrier)
        {
            return true;
        }

        // the rule sees views, members and what they acknowledged; the rest of the state is left out of the key
        var key = state >> ViewShift << ViewShift;
        for (var j = 0; j < Silos; j++)
        {
            key |= (ulong)Acknowledged(Silo(state, j)) << (j * 2);
        }

        key |= (ulong)i << 6;
        if (!_answers.TryGetValue(key, out var may))
        {
            _answers.Add(key, may = Snapshot(state, number).MayActivate(s_grain, s_members[i].Address));
        }

        return may;
    }

    private ClusterSnapshot Snapshot(ulong state, int number)
    {
        var view = View(state, number);
        var acknowledged = Enumerable.Range(0, Silos).Where(j => ((Owners(view) | Leavers(view)) & (1 << j)) != 0)
            .ToImmutableDictionary(j => s_members[j].Address, j => (long)Acknowledged(Silo(state, j)));
        var lowest = acknowledged.Values.Min();
        if (weakening == Weakening.RangeOneViewShort && lowest < number)
        {
            acknowledged = acknowledged.ToImmutableDictionary(a => a.Key, a => Math.Max(a.Value, lowest + 1));
        }

        // only the grain's owner is put into a view, so that hashing gives the grain to whom the adversary wants
        return new ClusterSnapshot(
            1,
            [
                .. Enumerable.Range(0, number + 1).Select(
                    x => new ClusterView(x, [s_members[Owner(View(state, x))]], [], [])),
            ],
            acknowledged);
    }

    /// <summary>Numbers other than 0, many of them.</summary>
    private sealed class StateSet
    {
        private ulong[] _slots = new ulong[1 << 16];

        public int Count { get; private set; }

        public bool Add(ulong state)
        {
            if (Count * 2 > _slots.Length)
            {
                var before = _slots;
                _slots = new ulong[before.Length * 4];
                foreach (var kept in before)
                {
                    if (kept != 0)
                    {
                        Place(kept);
                    }
                }
            }

            if (!Place(state))
            {
                return false;
            }

            Count++;
            return true;
        }

        private bool Place(ulong state)
        {
            var mask = _slots.Length - 1;
            var shift = 64 - BitOperations.Log2((uint)_slots.Length);
            for (var i = (int)((state * 0x9E3779B97F4A7C15) >> shift); ; i = (i + 1) & mask)
            {
                if (_slots[i] == state)
                {
                    return false;
                }

                if (_slots[i] == 0)
                {
                    _slots[i] = state;
                    return true;
                }
            }
        }
    }
}

/// <summary>What is left out of the rules.</summary>
internal enum Weakening
{
    None,
    NoBarrier,
    RangeOneViewShort,
    AcknowledgingKeepsChecks,
    LeaverGoesAtOnce,
    RemovedWhileTheLeaseRuns,
}
