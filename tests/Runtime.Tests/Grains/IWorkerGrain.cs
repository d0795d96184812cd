using Orleans.Concurrency;
using Vault.Runtime.Tests.Support;

namespace Vault.Runtime.Tests.Grains;

[Alias("tests.worker")]
public interface IWorkerGrain : IGrainWithIntegerKey
{
    [Alias("Work")]
    Task<Guid> WorkAsync(string name);
}

[StatelessWorker(2)]
public sealed class WorkerGrain(Probe probe) : Grain, IWorkerGrain
{
    private readonly Guid _id = Guid.NewGuid();

    public async Task<Guid> WorkAsync(string name)
    {
        probe.Say($"started {name}");
        await probe.Gate(name);
        return _id;
    }
}
