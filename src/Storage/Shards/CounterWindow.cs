namespace Vault.Storage.Shards;

/// <summary>
/// Which counters of a session were seen: each is taken once; those more than 4,096 behind the highest never. Requests
/// of one session may overtake each other by that much.
/// </summary>
internal sealed class CounterWindow
{
    private const int Counters = 4096;

    private readonly Lock _gate = new();
    private readonly ulong[] _seen = new ulong[Counters / 64];
    private ulong _highest;

    /// <summary>Takes a counter; false when it was taken before, or is too old to tell.</summary>
    public bool TryTake(ulong counter)
    {
        lock (_gate)
        {
            if (counter == 0 || counter + Counters <= _highest) return false;
            if (counter > _highest) Advance(counter);
            ref var word = ref _seen[(int)(counter / 64 % (Counters / 64))];
            var bit = 1UL << (int)(counter % 64);
            if ((word & bit) != 0) return false;
            word |= bit;
            return true;
        }
    }

    private void Advance(ulong counter)
    {
        if (counter - _highest >= Counters)
        {
            Array.Clear(_seen);
        }
        else
        {
            for (var next = _highest + 1; next <= counter; next++)
                _seen[(int)(next / 64 % (Counters / 64))] &= ~(1UL << (int)(next % 64));
        }

        _highest = counter;
    }
}
