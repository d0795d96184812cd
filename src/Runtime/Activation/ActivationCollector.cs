using Orleans.Configuration;
using Vault.Runtime.Invocation;

namespace Vault.Runtime.Activation;

/// <summary>Ends activations that have not been called for their class's age limit; looks once per quantum.</summary>
internal sealed class ActivationCollector(
    LocalNode node, ActivationTable table, GrainCollectionOptions options) : IDisposable
{
    private ITimer? _timer;

    public void Start() =>
        _timer = node.Time.CreateTimer(_ => Collect(null), null, options.CollectionQuantum, options.CollectionQuantum);

    public void Dispose() => _timer?.Dispose();

    /// <summary>Ends what has been idle for its own limit, or for <paramref name="ageLimit"/> when given.</summary>
    public void Collect(TimeSpan? ageLimit)
    {
        var now = node.Time.GetTimestamp();
        foreach (var activation in table.Activations())
        {
            if (activation.Touched && ageLimit != TimeSpan.Zero)
            {
                activation.Touched = false;
                activation.LastUsed = now;
                continue;
            }

            var limit = ageLimit ?? LimitOf(activation.Class);
            if (limit != Timeout.InfiniteTimeSpan
                && !activation.Class.KeepAlive
                && activation.IsValid
                && activation.KeepUntil <= now
                && node.Time.GetElapsedTime(activation.LastUsed, now) >= limit
                && !activation.HasCalls)
            {
                activation.Deactivate(
                    new DeactivationReason(DeactivationReasonCode.ActivationIdle, "Not called for a while."));
            }
        }
    }

    private TimeSpan LimitOf(GrainClass grainClass) =>
        options.ClassSpecificCollectionAge.TryGetValue(grainClass.Entry.GrainClass.FullName!, out var age) ? age
        : grainClass.AgeLimit ?? options.CollectionAge;
}
