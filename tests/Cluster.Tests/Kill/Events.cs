using Vault.Testing.Histories;

namespace Vault.Cluster.Tests.Kill;

/// <summary>One request as its client saw it.</summary>
internal readonly record struct RequestEvent(string Kind, int Gateway, bool Succeeded, long Invoked, long Returned);

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
