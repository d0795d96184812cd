using System.Collections.Concurrent;

namespace Vault.Runtime.Tests.Grains;

/// <summary>Enters itself in a book while it is active, so that a second activation is seen.</summary>
[Alias("tests.booked")]
public interface IBookedGrain : IGrainWithIntegerKey
{
    [Alias("Enter")]
    Task EnterAsync();
}

/// <summary>Which grains are active, over all silos of a test.</summary>
public sealed class ActiveBook
{
    public ConcurrentDictionary<long, Guid> Active { get; } = new();

    public ConcurrentQueue<string> Violations { get; } = new();
}

public sealed class BookedGrain(ActiveBook book) : Grain, IBookedGrain
{
    private readonly Guid _id = Guid.NewGuid();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (!book.Active.TryAdd(this.GetPrimaryKeyLong(), _id))
        {
            book.Violations.Enqueue($"{this.GetPrimaryKeyLong()} became active twice");
        }

        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        book.Active.TryRemove(new KeyValuePair<long, Guid>(this.GetPrimaryKeyLong(), _id));
        return Task.CompletedTask;
    }

    public async Task EnterAsync()
    {
        await Task.Yield();
        if (book.Active.GetValueOrDefault(this.GetPrimaryKeyLong()) != _id)
        {
            book.Violations.Enqueue($"{this.GetPrimaryKeyLong()} served while another was active");
        }
    }
}
