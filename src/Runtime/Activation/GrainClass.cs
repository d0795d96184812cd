using System.Reflection;
using Orleans.Concurrency;
using Orleans.Placement;
using Orleans.Providers;
using Orleans.Serialization.Invocation;
using Vault.Runtime.Metadata;

namespace Vault.Runtime.Activation;

/// <summary>What is known of a grain class: read from its attributes once, when the host starts.</summary>
internal sealed class GrainClass
{
    public GrainClass(GrainClassEntry entry)
    {
        Entry = entry;
        GrainType = GrainType.Create(entry.GrainType);
        var type = entry.GrainClass;
        Reentrant = type.IsDefined(typeof(ReentrantAttribute), inherit: true);
        KeepAlive = type.IsDefined(typeof(KeepAliveAttribute), inherit: true);
        AgeLimit = type.GetCustomAttribute<CollectionAgeLimitAttribute>(inherit: true)?.AgeLimit;
        StorageName = type.GetCustomAttribute<StorageProviderAttribute>(inherit: true)?.ProviderName
            ?? ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME;
        FiltersItself = typeof(IIncomingGrainCallFilter).IsAssignableFrom(type);
        if (type.GetCustomAttribute<PlacementAttribute>(inherit: true)?.PlacementStrategy
            is StatelessWorkerPlacement workers)
        {
            MaxLocalWorkers = workers.MaxLocal > 0 ? workers.MaxLocal : Environment.ProcessorCount;
        }

        if (type.GetCustomAttribute<MayInterleaveAttribute>(inherit: true) is { } mayInterleave)
        {
            MayInterleave = BindMayInterleave(type, mayInterleave.CallbackMethodName);
        }
    }

    public GrainClassEntry Entry { get; }

    public GrainType GrainType { get; }

    public bool Reentrant { get; }

    public bool KeepAlive { get; }

    public TimeSpan? AgeLimit { get; }

    public string StorageName { get; }

    public bool FiltersItself { get; }

    /// <summary>How many activations a silo may have; 0 for the one in the cluster.</summary>
    public int MaxLocalWorkers { get; }

    public Func<object?, IInvokable, bool>? MayInterleave { get; }

    private static Func<object?, IInvokable, bool> BindMayInterleave(Type type, string name)
    {
        var method = type.GetMethod(
            name,
            BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance
                | BindingFlags.FlattenHierarchy,
            [typeof(IInvokable)]);
        if (method is null || method.ReturnType != typeof(bool))
        {
            throw new InvalidOperationException($"Class {type.FullName} declares [MayInterleave(\"{name}\")] but has "
                + $"no method bool {name}({nameof(IInvokable)}).");
        }

        if (method.IsStatic)
        {
            var callback = method.CreateDelegate<Func<IInvokable, bool>>();
            return (_, request) => callback(request);
        }

        return (Func<object?, IInvokable, bool>)typeof(GrainClass)
            .GetMethod(nameof(BindInstance), BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(type)
            .Invoke(null, [method])!;
    }

    private static Func<object?, IInvokable, bool> BindInstance<TGrain>(MethodInfo method)
    {
        var callback = method.CreateDelegate<Func<TGrain, IInvokable, bool>>();
        return (grain, request) => callback((TGrain)grain!, request);
    }
}
