using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Vault.Sql.Orleans.Storage;

/// <summary>How older stored shapes of a state become the current one.</summary>
public sealed class GrainStateShape
{
    /// <summary>The state's type.</summary>
    public required Type StateType { get; init; }

    /// <summary>
    /// Pure steps; the first lifts version 1 to 2, and so on: the current version is one more than their number.
    /// </summary>
    public required IReadOnlyList<Func<JsonObject, JsonObject>> Upgrades { get; init; }
}

[JsonSerializable(typeof(JsonObject))]
internal sealed partial class NodeContext : JsonSerializerContext;
