using Vault.Runtime.Tests.Support;

namespace Vault.Runtime.Tests.Grains;

/// <summary>Tells the probe what happens to it.</summary>
[Alias("tests.life")]
public interface ILifeGrain : IGrainWithStringKey
{
    [Alias("Id")]
    Task<Guid> IdAsync();

    [Alias("Leave")]
    Task LeaveAsync();

    [Alias("Delay")]
    Task DelayAsync(TimeSpan time);

    [Alias("Hold")]
    Task HoldAsync();
}

[Alias("tests.lasting")]
public interface ILastingGrain : IGrainWithStringKey
{
    [Alias("Id")]
    Task<Guid> IdAsync();
}

[Alias("tests.brief")]
public interface IBriefGrain : IGrainWithStringKey
{
    [Alias("Id")]
    Task<Guid> IdAsync();
}

public sealed class LifeGrain(Probe probe) : Grain, ILifeGrain, IDisposable
{
    private readonly Guid _id = Guid.NewGuid();

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        await Task.Yield();
        probe.Say($"activating {this.GetPrimaryKeyString()}");
        if (this.GetPrimaryKeyString() == "fails-once" && probe.Count("activating fails-once") == 1)
        {
            throw new InvalidDataException("not today");
        }
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        probe.Say($"deactivated {this.GetPrimaryKeyString()}: {reason.ReasonCode}");
        if (this.GetPrimaryKeyString() == "bad-end")
        {
            throw new InvalidDataException("no end");
        }

        if (this.GetPrimaryKeyString() == "slow-end")
        {
            await probe.Gate("end");
        }
    }

    public Task<Guid> IdAsync() => Task.FromResult(_id);

    public Task LeaveAsync()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public Task DelayAsync(TimeSpan time)
    {
        DelayDeactivation(time);
        return Task.CompletedTask;
    }

    public async Task HoldAsync()
    {
        probe.Say("holding");
        await probe.Gate("hold");
        probe.Say("held");
    }

    public void Dispose() => probe.Say($"disposed {this.GetPrimaryKeyString()}");
}

[KeepAlive]
public sealed class LastingGrain : Grain, ILastingGrain
{
    private readonly Guid _id = Guid.NewGuid();

    public Task<Guid> IdAsync() => Task.FromResult(_id);
}

[CollectionAgeLimit(Minutes = 2)]
public sealed class BriefGrain : Grain, IBriefGrain
{
    private readonly Guid _id = Guid.NewGuid();

    public Task<Guid> IdAsync() => Task.FromResult(_id);
}
