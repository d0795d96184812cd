using Vault.Testing.Histories;

namespace Vault.Cluster.Tests.Kill;

/// <summary>One request as its client saw it.</summary>
/// <param name="Kind">What was asked.</param>
/// <param name="Failure">What went wrong; null when nothing did.</param>
/// <param name="Gateway">Who was asked.</param>
/// <param name="Invoked">When.</param>
/// <param name="Returned">When it was over.</param>
internal readonly record struct RequestEvent(string Kind, string? Failure, int Gateway, long Invoked, long Returned)
{
    public override string ToString() => $"{Kind} by gateway {Gateway}: {Failure}";
}

/// <summary>One fault, from its begin to its end: healed, or the process is ready again.</summary>
internal sealed record FaultEvent(FaultKind Kind, string Victim, long Began, long Ended);

/// <summary>A read of a copy's source, which the first read of the copy answers.</summary>
internal sealed class CopyRead(Operation read)
{
    private long _value = -1;

    /// <summary>Tells what was found in the copy; false when something else was found before.</summary>
    public bool Found(long body)
    {
        var before = Interlocked.CompareExchange(ref _value, body, -1);
        if (before == -1) read.Returned(KillHistory.Name(body));
        return before == -1 || before == body;
    }
}
