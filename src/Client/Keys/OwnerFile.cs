using System.Text.Json;
using System.Text.Json.Serialization;

namespace Vault.Client.Keys;

/// <summary>
/// An owner's S3 credential as their own machine keeps it:
/// <c>&lt;config&gt;/&lt;cluster id&gt;/&lt;project id&gt;.json</c>, mode 0600.
/// </summary>
public sealed record OwnerFile
{
    /// <summary>The project.</summary>
    public required string ProjectId { get; init; }

    /// <summary>Its name.</summary>
    public required string ProjectName { get; init; }

    /// <summary>S3 access key id; unlocks the project's sealed record, so it is a secret too.</summary>
    public required string AccessKeyId { get; init; }

    /// <summary>S3 secret.</summary>
    public required string SecretAccessKey { get; init; }

    /// <summary>S3 endpoint at the time of writing.</summary>
    public required string Endpoint { get; init; }

    /// <summary>Control plane at the time of writing.</summary>
    public required string Control { get; init; }

    /// <summary>Region clients should name.</summary>
    public string Region { get; init; } = "us-east-1";

    /// <summary>The JSON text.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, ClientJson.Default.OwnerFile);

    /// <summary>Reads the JSON text.</summary>
    /// <exception cref="JsonException">Not an owner file.</exception>
    public static OwnerFile Parse(string json) =>
        JsonSerializer.Deserialize(json, ClientJson.Default.OwnerFile)
        ?? throw new JsonException("an owner file is a JSON object");

    /// <summary>Nothing secret.</summary>
    public override string ToString() => $"owner of {ProjectId}";
}

/// <summary>JSON of the client's own files.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(OwnerFile))]
internal sealed partial class ClientJson : JsonSerializerContext;
