namespace Vault.Load.Workload;

/// <summary>One request to make: kind and number of the key, or nothing when the work is used up.</summary>
internal readonly record struct Step(Operation Operation, long Index);

/// <summary>Decides what to do next; shared by all connections.</summary>
internal sealed class Plan(Operation operation, long keys)
{
    private const double OverwriteShare = 0.5;
    private const double MixedGetShare = 0.7;

    private long nextNew = operation is Operation.Fill or Operation.Delete ? 0 : keys;

    /// <summary>The next step, or null when every key has been used.</summary>
    public Step? Next(Random random) => operation switch
    {
        Operation.Fill or Operation.Delete => Interlocked.Increment(ref nextNew) is var taken && taken <= keys
            ? new Step(operation, taken - 1)
            : null,
        Operation.Put => NextPut(random),
        Operation.Mixed => random.NextDouble() < MixedGetShare
            ? new Step(Operation.Get, random.NextInt64(keys))
            : NextPut(random),
        _ => new Step(operation, random.NextInt64(keys)),
    };

    private Step NextPut(Random random) => new(
        Operation.Put,
        random.NextDouble() < OverwriteShare ? random.NextInt64(keys) : Interlocked.Increment(ref nextNew) - 1);
}
