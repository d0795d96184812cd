using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using Vault.Protocol.Encryption;
using Vault.Protocol.Keys;

namespace Vault.Protocol.Credentials;

/// <summary>
/// The secrets of the cluster itself, kept apart from data and database: macaroon masters, the key that seals
/// credential records, and the pair to which public buckets' keys are boxed.
/// </summary>
/// <remarks>JSON form: docs/spec/credentials.md, section 5.</remarks>
public sealed class ClusterKeys : IDisposable
{
    /// <summary>Most bytes of JSON that we read.</summary>
    public const int MaxJsonBytes = 64 << 10;

    private const int Version = 1;
    private static readonly JsonWriterOptions Indented = new() { Indented = true, NewLine = "\n" };

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 4, AllowDuplicateProperties = false };

    /// <summary>Masters of macaroon root keys; retiring one revokes all that was minted under it.</summary>
    public required NumberedKeys MacaroonMasters { get; init; }

    /// <summary>Keys of the outer seal of credential records.</summary>
    public required NumberedKeys Sealing { get; init; }

    /// <summary>To its public half are boxed the keys of buckets that anyone may read.</summary>
    public required KeyPair PublicShare { get; init; }

    /// <summary>Fresh keys of a new cluster.</summary>
    public static ClusterKeys Generate() => new()
    {
        MacaroonMasters = NumberedKeys.Generate(),
        Sealing = NumberedKeys.Generate(),
        PublicShare = KeyPair.Generate(),
    };

    /// <summary>The UTF-8 text of <c>cluster-keys.json</c>; wipe it after use.</summary>
    public byte[] ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>(MaxJsonBytes);
        using (var json = new Utf8JsonWriter(buffer, Indented))
        {
            json.WriteStartObject();
            json.WriteNumber("version", Version);
            Write(json, "macaroon_masters", MacaroonMasters);
            Write(json, "sealing", Sealing);
            json.WriteString("public_share", Base64Url.EncodeToUtf8(PublicShare.PrivateKey.Bytes));
            json.WriteEndObject();
        }

        var text = new byte[buffer.WrittenCount + 1];
        buffer.WrittenSpan.CopyTo(text);
        text[^1] = (byte)'\n';
        buffer.Clear();
        return text;
    }

    /// <summary>Reads what <see cref="ToJson"/> made.</summary>
    /// <param name="utf8">The text.</param>
    /// <param name="keys">The keys, or null.</param>
    /// <param name="fault">What is wrong, without any of the text; null when all is well.</param>
    public static bool TryParse(
        ReadOnlyMemory<byte> utf8,
        [NotNullWhen(true)] out ClusterKeys? keys,
        [NotNullWhen(false)] out string? fault)
    {
        keys = null;
        if (utf8.Length > MaxJsonBytes)
        {
            fault = "longer than 64 KiB";
            return false;
        }

        try
        {
            using var document = JsonDocument.Parse(utf8, Strict);
            keys = Read(document.RootElement);
            fault = null;
            return true;
        }
        catch (JsonException)
        {
            fault = "not JSON";
        }
        catch (Exception unfit) when (unfit is FormatException or InvalidOperationException or ArgumentException
            or KeyNotFoundException)
        {
            fault = "a member is missing, unknown in this version, or not of its form";
        }

        return false;
    }

    /// <summary>Wipes all keys.</summary>
    public void Dispose()
    {
        MacaroonMasters.Dispose();
        Sealing.Dispose();
        PublicShare.Dispose();
    }

    /// <summary>Never the keys.</summary>
    public override string ToString() => nameof(ClusterKeys);

    private static void Write(Utf8JsonWriter json, string name, NumberedKeys keys)
    {
        json.WriteStartObject(name);
        json.WriteNumber("active", keys.ActiveId);
        json.WriteStartObject("keys");
        foreach (var id in keys.Ids)
        {
            if (keys.TryGet(id, out var key))
            {
                json.WriteString(id.ToString(CultureInfo.InvariantCulture), Base64Url.EncodeToUtf8(key.Bytes));
            }
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static ClusterKeys Read(JsonElement root)
    {
        if (root.GetProperty("version").GetInt32() != Version)
        {
            throw new FormatException("unknown version");
        }

        return new ClusterKeys
        {
            MacaroonMasters = ReadNumbered(root.GetProperty("macaroon_masters")),
            Sealing = ReadNumbered(root.GetProperty("sealing")),
            PublicShare = KeyPair.FromPrivateKey(ReadKey(root.GetProperty("public_share"))),
        };
    }

    private static NumberedKeys ReadNumbered(JsonElement element)
    {
        var keys = new List<KeyValuePair<uint, SecretKey>>();
        foreach (var member in element.GetProperty("keys").EnumerateObject())
        {
            var id = uint.Parse(member.Name, NumberStyles.None, CultureInfo.InvariantCulture);
            keys.Add(new(id, SecretKey.FromBytes(ReadKey(member.Value), longLived: true)));
        }

        return new NumberedKeys(element.GetProperty("active").GetUInt32(), keys);
    }

    private static byte[] ReadKey(JsonElement element) =>
        Base64Url.DecodeFromChars(element.GetString() ?? throw new FormatException("a key is missing"));
}
