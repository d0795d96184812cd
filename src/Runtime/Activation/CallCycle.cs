using Vault.Runtime.Exceptions;
using Vault.Runtime.Invocation;

namespace Vault.Runtime.Activation;

/// <summary>
/// Words for a call that waits for itself. A chain is taken to wait for every call it made that has not ended, awaited
/// or not.
/// </summary>
internal static class CallCycle
{
    internal static CallCycleException Describe(Turn refused, Turn waiting)
    {
        var chain = new List<string> { refused.Description };
        for (var turn = refused.Caller; turn is not null; turn = turn.Caller)
        {
            chain.Add(turn.Description);
            if (ReferenceEquals(turn, waiting))
            {
                break;
            }
        }

        chain.Reverse();
        return new CallCycleException(
            "The call would wait for itself, so it was not started: " + string.Join(" → ", chain)
            + ". Make the grain or method reentrant, or allow it with RequestContext.AllowCallChainReentrancy().");
    }
}
