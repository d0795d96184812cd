using System.Reflection;
using Orleans.Metadata;
using Vault.Runtime.Metadata;

namespace Vault.Runtime.Activation;

/// <summary>The grain interfaces and classes of this process, and which class an interface means.</summary>
internal sealed class GrainCatalog
{
    private readonly Dictionary<GrainType, GrainClass> _classes = [];
    private readonly Dictionary<Type, string> _interfaceNames = [];

    public GrainCatalog(GrainManifestBuilder manifest, bool withClasses)
    {
        Interfaces = manifest.Interfaces;
        foreach (var entry in Interfaces)
        {
            _interfaceNames[entry.InterfaceType] = entry.Name;
        }

        foreach (var entry in withClasses ? manifest.Classes : [])
        {
            var grainClass = new GrainClass(entry);
            if (!_classes.TryAdd(grainClass.GrainType, grainClass))
            {
                throw new InvalidOperationException(
                    $"Two grain classes have the grain type '{entry.GrainType}': "
                    + $"{_classes[grainClass.GrainType].Entry.GrainClass} and {entry.GrainClass}. Give one a "
                    + "[GrainType].");
            }
        }
    }

    public IReadOnlyCollection<GrainInterfaceEntry> Interfaces { get; }

    public IReadOnlyDictionary<GrainType, GrainClass> Classes => _classes;

    /// <summary>What this process tells the cluster that it can activate.</summary>
    public IReadOnlyList<GrainAdvert> Adverts() =>
    [
        .. _classes.Values.Select(c => new GrainAdvert(
            c.GrainType.ToString()!,
            c.Entry.GrainClass.FullName!,
            [.. c.Entry.Interfaces.Where(_interfaceNames.ContainsKey).Select(i => _interfaceNames[i])])),
    ];

    public string NameOf(Type interfaceType) => _interfaceNames.TryGetValue(interfaceType, out var name)
        ? name
        : throw new ArgumentException($"{interfaceType} is no grain interface of this process.", nameof(interfaceType));

    /// <summary>Which of the advertised classes an interface means.</summary>
    public GrainType Resolve(Type interfaceType, string? classNamePrefix, IEnumerable<GrainAdvert> adverts)
    {
        var name = NameOf(interfaceType);
        var candidates = adverts.Where(a => a.Interfaces.Contains(name)).DistinctBy(a => a.GrainType).ToList();
        if (!string.IsNullOrEmpty(classNamePrefix))
        {
            candidates = [.. candidates.Where(a =>
                a.ClassName.StartsWith(classNamePrefix, StringComparison.Ordinal)
                || a.ClassName[(a.ClassName.LastIndexOf('.') + 1)..].StartsWith(
                    classNamePrefix, StringComparison.Ordinal))];
        }
        else if (interfaceType.GetCustomAttribute<DefaultGrainTypeAttribute>() is { } chosen)
        {
            return GrainType.Create(chosen.GrainTypeName);
        }

        if (candidates.Count > 1)
        {
            var conventional = interfaceType.Name[1..];
            candidates = candidates.Where(a => a.ClassName.EndsWith("." + conventional, StringComparison.Ordinal))
                .ToList() is { Count: 1 } one
                ? one
                : throw new ArgumentException(
                    $"Several grain classes implement {interfaceType}: "
                    + $"{string.Join(", ", candidates.Select(c => c.ClassName))}. Pass a class name prefix.");
        }

        return candidates.Count == 1
            ? GrainType.Create(candidates[0].GrainType)
            : throw new ArgumentException("No grain class of the cluster implements "
                + $"{interfaceType}{(classNamePrefix is null ? "" : $" with prefix '{classNamePrefix}'")}.");
    }
}

/// <summary>A grain class that a member can activate, as the rest of the cluster knows it.</summary>
internal sealed record GrainAdvert(string GrainType, string ClassName, IReadOnlyList<string> Interfaces);
