namespace Vault.Testing.Histories;

/// <summary>An operation as the search sees it.</summary>
internal sealed class RegisterStep
{
    private const int FirstValue = 2;
    private const int AnyValue = -1;

    public required Operation Operation { get; init; }

    public required bool Writes { get; init; }

    /// <summary>What it leaves or finds; <see cref="AnyValue"/>: whatever is there.</summary>
    public required int State { get; init; }

    /// <summary>Whether it takes effect only where nothing is.</summary>
    public bool NeedsNothing { get; init; }

    public long Called => Operation.Called;

    /// <summary>By when it has taken effect; never when that is not known.</summary>
    public required long Ends { get; init; }

    /// <summary>Its place among the operations under way.</summary>
    public UInt128 Bit { get; set; }

    public bool Sees(int state) => State == AnyValue ? state != 0 : state == State;

    /// <summary>The steps of a key's operations; or the first read of a value that was never written.</summary>
    public static List<RegisterStep> Of(
        IReadOnlyList<Operation> operations, Func<Operation, bool> ignored, out Operation? unwritten)
    {
        var proof = FirstReads(operations, ignored);
        var states = new Dictionary<string, int>(StringComparer.Ordinal);
        var written = new HashSet<string>(StringComparer.Ordinal);
        var steps = new List<RegisterStep>(operations.Count);
        foreach (var operation in operations)
        {
            if (operation.Kind is OperationKind.Put or OperationKind.Create && !written.Add(operation.Value!))
            {
                throw new InvalidOperationException($"{operation.Value} was written twice: {operation}");
            }

            var unknown = operation.Outcome == Outcome.Unknown || ignored(operation);
            if (operation.Outcome == Outcome.Failed
                || (unknown && (!operation.Writes || operation.Outcome == Outcome.Refused)))
            {
                continue;
            }

            if (operation.Outcome == Outcome.Refused)
            {
                steps.Add(Read(operation, AnyValue));
            }
            else if (!operation.Writes)
            {
                var kind = operation.Kind == OperationKind.Seen ? AnyValue
                    : operation.Value is null ? 0
                    : StateOf(operation.Value);
                steps.Add(Read(operation, kind));
            }
            else
            {
                var read = operation.Value is not null && proof.ContainsKey(operation.Value);
                steps.Add(new RegisterStep
                {
                    Operation = operation,
                    Writes = true,
                    NeedsNothing = operation.Kind == OperationKind.Create,
                    State = operation.Kind == OperationKind.Delete ? 0 : read ? StateOf(operation.Value!) : 1,
                    Ends = !unknown ? operation.Answered : read ? proof[operation.Value!].Answered : long.MaxValue,
                });
            }
        }

        var values = steps.Where(s => s.Writes && s.Operation.Value is not null).Select(s => s.Operation.Value!)
            .ToHashSet(StringComparer.Ordinal);
        unwritten = steps.Where(s => !s.Writes && s.State >= FirstValue && !values.Contains(s.Operation.Value!))
            .MinBy(s => s.Ends)?.Operation;
        return steps;

        int StateOf(string value)
        {
            if (!states.TryGetValue(value, out var state))
            {
                states.Add(value, state = FirstValue + states.Count);
            }

            return state;
        }
    }

    private static RegisterStep Read(Operation operation, int state) =>
        new() { Operation = operation, Writes = false, State = state, Ends = operation.Answered };

    /// <summary>The read of each value that ended first.</summary>
    private static Dictionary<string, Operation> FirstReads(
        IReadOnlyList<Operation> operations, Func<Operation, bool> ignored)
    {
        var first = new Dictionary<string, Operation>(StringComparer.Ordinal);
        foreach (var operation in operations)
        {
            if (operation is { Kind: OperationKind.Get, Outcome: Outcome.Done, Value: { } value } && !ignored(operation)
                && (!first.TryGetValue(value, out var before) || operation.Answered < before.Answered))
            {
                first[value] = operation;
            }
        }

        return first;
    }
}
