namespace Vault.Testing.Histories;

/// <summary>
/// Looks for an order that explains all answers of one key (Wing and Gong's search, as Lowe's just-in-time variant):
/// walks through calls and answers in time, and carries along every configuration that they allow. An operation takes
/// effect as late as it can: when its own answer, or another's, can't be explained otherwise.
/// </summary>
/// <remarks>
/// What keeps it small: a read is done as soon as the register has its value; a write whose outcome is unknown and
/// whose value nobody read matters only as "something", so these are counted, not told apart, and so are deletes; a
/// write of unknown outcome that somebody read has happened before that read ended.
/// </remarks>
internal sealed class RegisterCheck
{
    private const int MaxOpen = 128;
    private const int Nothing = 0;
    private const int Something = 1;
    private readonly RegisterStep?[] _open = new RegisterStep?[MaxOpen];
    private Frontier _frontier = new();
    private int _unknownDeletes;
    private int _unknownPuts;

    private RegisterCheck() => _frontier.Add(default);

    /// <summary>The first answer that can't be explained, made small; null when all can.</summary>
    public static Violation? Find(string key, IReadOnlyList<Operation> operations) =>
        FirstBad(operations, static _ => false) is { } bad ? Explanation.Of(key, operations, bad) : null;

    /// <summary>
    /// The first operation whose answer can't be explained. Of the operations that <paramref name="ignored"/> names,
    /// reads count for nothing and the outcome of writes is taken for unknown.
    /// </summary>
    public static Operation? FirstBad(IReadOnlyList<Operation> operations, Func<Operation, bool> ignored)
    {
        var steps = RegisterStep.Of(operations, ignored, out var unwritten);
        return unwritten ?? new RegisterCheck().Walk(steps);
    }

    private Operation? Walk(List<RegisterStep> steps)
    {
        var events = new List<(long Time, bool IsAnswer, RegisterStep Step)>(steps.Count * 2);
        foreach (var step in steps)
        {
            events.Add((step.Called, false, step));
            if (step.Ends != long.MaxValue)
            {
                events.Add((step.Ends, true, step));
            }
        }

        // at the time of a read's answer, the read comes before the write that it proves
        events.Sort(static (a, b) => (a.Time, a.Step.Writes).CompareTo((b.Time, b.Step.Writes)));
        foreach (var (_, isAnswer, step) in events)
        {
            if (!isAnswer)
            {
                Call(step);
            }
            else if (!Answer(step))
            {
                return step.Operation;
            }
        }

        return null;
    }

    private void Call(RegisterStep step)
    {
        if (step.Ends == long.MaxValue)
        {
            _unknownDeletes += step.State == Nothing ? 1 : 0;
            _unknownPuts += step.State == Nothing ? 0 : 1;
            return;
        }

        var slot = Array.IndexOf(_open, null);
        if (slot < 0)
        {
            throw new InvalidOperationException($"More than {MaxOpen} operations of {step.Operation.Key} overlap.");
        }

        (_open[slot], step.Bit) = (step, UInt128.One << slot);
        if (!step.Writes)
        {
            var frontier = new Frontier();
            foreach (var configuration in _frontier.All)
            {
                frontier.Add(WithReads(configuration));
            }

            _frontier = frontier;
        }
    }

    /// <summary>Keeps the configurations in which the operation has taken effect; false when there are none.</summary>
    private bool Answer(RegisterStep step)
    {
        var kept = new Frontier();
        var seen = new Frontier();
        var stack = new Stack<Configuration>();
        foreach (var configuration in _frontier.All)
        {
            Take(configuration);
        }

        while (stack.TryPop(out var configuration))
        {
            foreach (var write in _open)
            {
                if (write is { Writes: true } && (configuration.Writes & write.Bit) == 0
                    && (!write.NeedsNothing || configuration.State == Nothing))
                {
                    Take(WithReads(configuration with
                    {
                        State = write.State, Writes = configuration.Writes | write.Bit,
                    }));
                }
            }

            if (configuration.State != Nothing && configuration.Deletes < _unknownDeletes)
            {
                Take(WithReads(configuration with { State = Nothing, Deletes = configuration.Deletes + 1 }));
            }

            if (configuration.State == Nothing && configuration.Puts < _unknownPuts)
            {
                Take(WithReads(configuration with { State = Something, Puts = configuration.Puts + 1 }));
            }
        }

        _open[Array.IndexOf(_open, step)] = null;
        _frontier = kept;
        return !kept.IsEmpty;

        void Take(Configuration configuration)
        {
            if (((configuration.Writes | configuration.Reads) & step.Bit) != 0)
            {
                kept.Add(configuration with
                {
                    Writes = configuration.Writes & ~step.Bit, Reads = configuration.Reads & ~step.Bit,
                });
            }
            else if (seen.Add(configuration))
            {
                stack.Push(configuration);
            }
        }
    }

    private Configuration WithReads(Configuration configuration)
    {
        var reads = configuration.Reads;
        foreach (var step in _open)
        {
            if (step is { Writes: false } && step.Sees(configuration.State))
            {
                reads |= step.Bit;
            }
        }

        return configuration with { Reads = reads };
    }
}
