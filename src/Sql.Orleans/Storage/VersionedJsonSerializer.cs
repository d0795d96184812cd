using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Orleans.Storage;

namespace Vault.Sql.Orleans.Storage;

/// <summary>
/// Grain states as UTF-8 JSON with <c>$v</c>, the number of their shape, as first member. Types come from
/// source-generated contexts; older shapes are lifted by their upgrades when they are read.
/// </summary>
public sealed class VersionedJsonSerializer : IGrainStorageSerializer
{
    private const string VersionMember = "$v";

    private readonly JsonSerializerOptions options;
    private readonly Dictionary<Type, GrainStateShape> shapes;

    /// <summary>Takes the contexts of the states and the shapes that are not in their first version.</summary>
    public VersionedJsonSerializer(
        IEnumerable<IJsonTypeInfoResolver> contexts, IEnumerable<GrainStateShape> shapes)
    {
        options = new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            TypeInfoResolver = JsonTypeInfoResolver.Combine([.. contexts]),
        };
        options.MakeReadOnly();
        this.shapes = shapes.ToDictionary(s => s.StateType);
    }

    /// <inheritdoc/>
    public BinaryData Serialize<T>(T? input)
    {
        if (JsonSerializer.SerializeToNode(input!, TypeInfo<T>()) is not JsonObject members)
        {
            throw new BadProviderConfigException($"A grain state is an object in JSON; {typeof(T)} is not.");
        }

        members.Insert(0, VersionMember, Version(typeof(T)));
        return new BinaryData(JsonSerializer.SerializeToUtf8Bytes(members, NodeContext.Default.JsonObject));
    }

    /// <inheritdoc/>
    public T? Deserialize<T>(BinaryData input)
    {
        if (JsonNode.Parse(input.ToMemory().Span) is not JsonObject stored
            || stored[VersionMember] is not JsonValue number || !number.TryGetValue(out int version))
        {
            throw new JsonException($"A stored {typeof(T).Name} has no {VersionMember}.");
        }

        var current = Version(typeof(T));
        if (version > current || version < 1)
        {
            throw new JsonException(
                $"A stored {typeof(T).Name} has version {version}; this program knows up to {current}.");
        }

        stored.Remove(VersionMember);
        for (; version < current; version++)
        {
            stored = shapes[typeof(T)].Upgrades[version - 1](stored);
        }

        return stored.Deserialize(TypeInfo<T>());
    }

    private int Version(Type type) => shapes.TryGetValue(type, out var shape) ? shape.Upgrades.Count + 1 : 1;

    private JsonTypeInfo<T> TypeInfo<T>()
        => options.TryGetTypeInfo(typeof(T), out var info)
            ? (JsonTypeInfo<T>)info
            : throw new BadProviderConfigException(
                $"The state {typeof(T)} is in no registered JSON context: add it to one with [JsonSerializable].");
}
