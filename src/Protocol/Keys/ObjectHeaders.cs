using System.Collections.Immutable;
using System.Runtime.InteropServices;
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

    internal void WriteTo(ref CborWriter writer)
    {
        ReadOnlySpan<string?> texts =
            [
                ContentType, ContentEncoding, CacheControl, ContentDisposition, ContentLanguage, Expires,
                WebsiteRedirectLocation,
            ];
        var fields = UserMetadata.IsDefaultOrEmpty ? 0 : 1;
        foreach (var text in texts)
        {
            fields += text is null ? 0 : 1;
        }

        writer.Map(fields);
        for (var i = 0; i < texts.Length; i++)
        {
            if (texts[i] is { } text)
            {
                writer.UInt((ulong)i + 1);
                writer.Text(text);
            }
        }

        if (!UserMetadata.IsDefaultOrEmpty)
        {
            writer.UInt(Fields);
            writer.Array(UserMetadata.Length * 2);
            foreach (var (name, value) in UserMetadata)
            {
                writer.Text(name);
                writer.Text(value);
            }
        }
    }

    internal static ObjectHeaders Read(ref CborReader reader)
    {
        Span<string?> texts = new string?[Fields];
        ImmutableArray<KeyValuePair<string, string>> metadata = [];
        var fields = reader.Map(ushort.MaxValue);
        for (var (i, key) = (0, 0); i < fields && !reader.Failed; i++)
        {
            key = reader.Key(key);
            switch (key)
            {
                case < Fields:
                    texts[key] = reader.Text(MaxValueBytes);
                    break;
                case Fields:
                    metadata = ReadMetadata(ref reader);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

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

    private static ImmutableArray<KeyValuePair<string, string>> ReadMetadata(ref CborReader reader)
    {
        var texts = reader.Array(MaxUserMetadata * 2);
        if (texts % 2 != 0)
        {
            reader.Fail();
        }

        if (reader.Failed)
        {
            return [];
        }

        var entries = new KeyValuePair<string, string>[texts / 2];
        foreach (ref var entry in entries.AsSpan())
        {
            entry = new KeyValuePair<string, string>(
                reader.Text(MaxValueBytes) ?? "", reader.Text(MaxValueBytes) ?? "");
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(entries);
    }
}
