using Vault.Testing.Histories;

namespace Vault.Runtime.Simulation.Cluster;

/// <summary>Clients that read and write a few registers and write down what they learn.</summary>
internal sealed class Workload(SimulatedCluster cluster, History history)
{
    public const int Keys = 5;
    private const int WorkersPerClient = 4;
    private int _writes;

    /// <summary>Workers stop after their call when this is set.</summary>
    public bool Ends { get; set; }

    /// <summary>Calls that have not ended.</summary>
    public int Running { get; private set; }

    /// <summary>Calls that ended with a result.</summary>
    public int Succeeded { get; private set; }

    public static string Key(int number) => "register" + number;

    /// <summary>What a client does: several workers at a time.</summary>
    public Task WorkAsync(SimulatedClient client) => Task.WhenAll(
        Enumerable.Range(0, WorkersPerClient).Select(i => WorkAsync(client, $"{client.Process.Name}/{i}")));

    /// <summary>Reads a register once; whether that succeeded.</summary>
    public async Task<bool> ReadAsync(SimulatedClient client, string key, string by)
    {
        var get = history.Get(key, by);
        return await RunAsync(async () => get.Returned(await client.Grains.GetGrain<IRegisterGrain>(key).GetAsync()));
    }

    private async Task WorkAsync(SimulatedClient client, string name)
    {
        var random = cluster.Scheduler.Random;
        while (!Ends)
        {
            var key = Key(random.Next(Keys));
            var grain = client.Grains.GetGrain<IRegisterGrain>(key);
            var value = "v" + ++_writes;
            switch (random.Next(10))
            {
                case 0 or 1:
                    var put = history.Put(key, value, name);
                    await RunAsync(async () =>
                    {
                        await grain.PutAsync(value);
                        put.Acknowledged();
                    });
                    break;
                case 2:
                    var delete = history.Delete(key, name);
                    await RunAsync(async () =>
                    {
                        await grain.DeleteAsync();
                        delete.Acknowledged();
                    });
                    break;
                case 3 or 4:
                    var create = history.Create(key, value, name);
                    await RunAsync(async () =>
                    {
                        if (await grain.CreateAsync(value))
                        {
                            create.Acknowledged();
                        }
                        else
                        {
                            create.Refused();
                        }
                    });
                    break;
                default:
                    await ReadAsync(client, key, name);
                    break;
            }

            await Task.Delay(cluster.Scheduler.Between(1, 150), client.Process.Clock);
        }
    }

    private async Task<bool> RunAsync(Func<Task> call)
    {
        Running++;
        try
        {
            await call();
            Succeeded++;
            return true;
        }
        catch (Exception exception) when (exception is not (InvalidCastException or NullReferenceException))
        {
            // front ends map every failure of a call to: it may have happened
            return false;
        }
        finally
        {
            Running--;
        }
    }
}
