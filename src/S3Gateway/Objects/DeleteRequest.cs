using Vault.Protocol.Ids;

namespace Vault.S3Gateway.Objects;

/// <summary>The document of DeleteObjects.</summary>
internal sealed record DeleteRequest(IReadOnlyList<DeleteRequest.Item> Items, bool Quiet)
{
    /// <summary>Most keys of one request.</summary>
    public const int MaxItems = 1000;

    /// <summary>Reads the document.</summary>
    /// <exception cref="S3Exception">400 MalformedXML.</exception>
    public static DeleteRequest Parse(ReadOnlyMemory<byte> document)
    {
        if (document.IsEmpty)
            throw S3Errors.MissingRequestBody.Thrown();
        var root = S3XmlElement.Parse(document, "Delete");
        var items = new List<Item>();
        foreach (var child in root.Children)
        {
            if (child.Name != "Object")
                continue;
            if (items.Count == MaxItems || child["Key"] is not { Length: > 0 } key)
                throw S3Errors.MalformedXml.Thrown();
            if (child["LastModifiedTime"] is not null || child["Size"] is not null)
                throw S3Errors.NotImplemented.Thrown();
            items.Add(new(key, child["VersionId"], child["ETag"]));
        }

        return items.Count == 0
            ? throw S3Errors.MalformedXml.Thrown()
            : new(items, string.Equals(root["Quiet"], "true", StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>One key to delete, and how that ended.</summary>
    internal sealed class Item(string name, string? versionId, string? ifMatch)
    {
        public string Name { get; } = name;

        public string? VersionId { get; } = versionId;

        public string? IfMatch { get; } = ifMatch;

        public ObjectKey? Key { get; set; }

        /// <summary>Null: deleted.</summary>
        public S3Error? Error { get; set; }
    }
}
