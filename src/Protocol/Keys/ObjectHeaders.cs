using System.Collections.Immutable;
using System.Formats.Cbor;
using System.Runtime.InteropServices;
using System.Text;
using Vault.Protocol.Cbor;

namespace Vault.Protocol.Keys;

/// <summary>The headers a client stored with an object, to be given back as they were.</summary>
/// <remarks>docs/spec/keys.md, section 5.</remarks>
public sealed record ObjectHeaders
{
    /// <summary>Most bytes in one value that we read.</summary>
    public const int MaxValueBytes = 8192;

    /// <summary>Most user metadata entries that we read.</summary>
    public const int MaxUserMetadata = 512;

    private const int Fields = 8;
    private const int MaxHead = 9;

    /// <summary>No headers.</summary>
    public static ObjectHeaders Empty { get; } = new();

    /// <summary><c>Content-Type</c>.</summary>
    public string? ContentType { get; init; }

    /// <summary><c>Content-Encoding</c>, without <c>aws-chunked</c>.</summary>
    public string? ContentEncoding { get; init; }

    /// <summary><c>Cache-Control</c>.</summary>
    public string? CacheControl { get; init; }

    /// <summary><c>Content-Disposition</c>.</summary>
    public string? ContentDisposition { get; init; }

    /// <summary><c>Content-Language</c>.</summary>
    public string? ContentLanguage { get; init; }

    /// <summary><c>Expires</c>, as it was sent.</summary>
    public string? Expires { get; init; }

    /// <summary><c>x-amz-website-redirect-location</c>.</summary>
    public string? WebsiteRedirectLocation { get; init; }

    /// <summary>User metadata in the order it was sent; names in lower case without <c>x-amz-meta-</c>.</summary>
    public ImmutableArray<KeyValuePair<string, string>> UserMetadata { get; init; } = [];

    /// <summary>Never the values: they are the client's secret.</summary>
    public override string ToString() => nameof(ObjectHeaders);

    /// <summary>No encoding is longer.</summary>
    internal int MaxBytes
    {
        get
        {
            var total = MaxHead;
            foreach (var text in Texts)
            {
                total += text is null ? 0 : MaxHead + Encoding.UTF8.GetMaxByteCount(text.Length);
            }

            foreach (var (name, value) in UserMetadata.IsDefault ? [] : UserMetadata)
            {
                total += 2 * MaxHead + Encoding.UTF8.GetMaxByteCount(name.Length + value.Length);
            }

            return total;
        }
    }

    /// <summary>By key, from 1.</summary>
    private ImmutableArray<string?> Texts =>
    [
        ContentType, ContentEncoding, CacheControl, ContentDisposition, ContentLanguage, Expires,
        WebsiteRedirectLocation,
    ];

    internal void WriteTo(CborWriter writer)
    {
        var texts = Texts;
        writer.WriteStartMap(texts.Count(static text => text is not null) + (UserMetadata.IsDefaultOrEmpty ? 0 : 1));
        for (var i = 0; i < texts.Length; i++)
        {
            if (texts[i] is { } text)
            {
                writer.WriteInt32(i + 1);
                writer.WriteTextString(text);
            }
        }

        if (!UserMetadata.IsDefaultOrEmpty)
        {
            writer.WriteInt32(Fields);
            writer.WriteStartArray(UserMetadata.Length * 2);
            foreach (var (name, value) in UserMetadata)
            {
                writer.WriteTextString(name);
                writer.WriteTextString(value);
            }

            writer.WriteEndArray();
        }

        writer.WriteEndMap();
    }

    internal static ObjectHeaders Read(CborReader reader)
    {
        var texts = new string?[Fields];
        ImmutableArray<KeyValuePair<string, string>> metadata = [];
        var fields = reader.Map();
        for (var left = fields; left > 0; left--)
        {
            switch (reader.Key())
            {
                case < Fields and var key:
                    texts[key] = reader.Text(MaxValueBytes);
                    break;
                case Fields:
                    metadata = ReadMetadata(reader);
                    break;
                default:
                    reader.SkipValue();
                    break;
            }
        }

        reader.ReadEndMap();
        return fields == 0 ? Empty : new ObjectHeaders
        {
            ContentType = texts[1],
            ContentEncoding = texts[2],
            CacheControl = texts[3],
            ContentDisposition = texts[4],
            ContentLanguage = texts[5],
            Expires = texts[6],
            WebsiteRedirectLocation = texts[7],
            UserMetadata = metadata,
        };
    }

    private static ImmutableArray<KeyValuePair<string, string>> ReadMetadata(CborReader reader)
    {
        var texts = reader.Array(MaxUserMetadata * 2);
        var entries = new KeyValuePair<string, string>[texts / 2];
        foreach (ref var entry in entries.AsSpan())
        {
            entry = new KeyValuePair<string, string>(reader.Text(MaxValueBytes), reader.Text(MaxValueBytes));
        }

        reader.ReadEndArray(); // refuses a name without a value
        return ImmutableCollectionsMarshal.AsImmutableArray(entries);
    }
}
