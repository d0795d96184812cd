using Vault.Runtime.Activation;
using Vault.Runtime.Invocation;

namespace Vault.Runtime.Ownership;

/// <summary>
/// A queue of turns like an activation's, with nothing in it but beats: one that does not come through says that calls
/// don't either.
/// </summary>
internal sealed class Heartbeat : TurnQueue
{
    private readonly Executor _executor;

    public Heartbeat(Executor executor)
        : base(executor)
    {
        _executor = executor;
        Open();
    }

    public override GrainId Id { get; } = GrainId.Create("sys.heartbeat", "0");

    public override IGrainContext? Context => null;

    public Task BeatAsync()
    {
        var beaten = _executor.CreateSource();
        lock (Gate)
        {
            AdmitOwn(LifecycleTurn.Create("heartbeat", () =>
            {
                beaten.SetResult();
                return Task.CompletedTask;
            }));
        }

        return beaten.Task;
    }

    protected override void OnAdmitted(Turn turn)
    {
    }

    protected override void OnEnded(Turn turn)
    {
    }

    protected override void OnQuiet()
    {
    }
}
