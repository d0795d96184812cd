using Vault.Runtime.Invocation;

namespace Vault.Runtime.Messaging;

/// <summary>Names the turns that wait for a call, so that another silo can see a cycle.</summary>
internal static class CallChain
{
    public static long[]? Export(GrainRequest request)
    {
        List<long>? chain = null;
        for (var turn = request.Caller;
            turn is not null && (chain?.Count ?? 0) < MessageCodec.MaxChain;
            turn = turn.Caller)
        {
            if (turn.ExportId == 0)
            {
                turn.ExportId = Random.Shared.NextInt64(1, long.MaxValue);
            }

            (chain ??= []).Add(turn.ExportId);
            if (turn.ForeignChain is { } foreign)
            {
                chain.AddRange(foreign.Take(MessageCodec.MaxChain - chain.Count));
            }
        }

        return chain?.ToArray();
    }
}
