using System.Security.Cryptography;
using System.Text;

namespace Vault.Protocol.SigV4;

/// <summary>The trailing headers of an aws-chunked body, bounded, checked against <c>x-amz-trailer</c>.</summary>
internal sealed class AwsTrailer(string? declared)
{
    private const int MaxHeaders = 8;
    private const string SignatureName = "x-amz-trailer-signature";

    private readonly List<KeyValuePair<string, string>> headers = [];
    private readonly byte[] signature = new byte[32];
    private bool blankLine;

    public IReadOnlyList<KeyValuePair<string, string>> Headers => headers;

    public bool HasSignature { get; private set; }

    public ReadOnlySpan<byte> Signature => signature;

    /// <summary>True when every declared header has come.</summary>
    public bool IsComplete
    {
        get
        {
            foreach (var name in DeclaredNames())
            {
                if (!headers.Exists(header => header.Key == name))
                    return false;
            }

            return true;
        }
    }

    /// <summary>True once: one blank line may stand before the signature.</summary>
    public bool TakeBlankLine()
    {
        var first = !blankLine && headers.Count > 0;
        blankLine = true;
        return first;
    }

    public bool TryAdd(ReadOnlySpan<byte> line, bool mayBeSigned)
    {
        var colon = line.IndexOf((byte)':');
        if (colon <= 0 || HasSignature || headers.Count == MaxHeaders
            || line.ContainsAnyExceptInRange((byte)' ', (byte)'~'))
            return false;
        var name = Encoding.ASCII.GetString(line[..colon]).ToLowerInvariant();
        var value = Encoding.ASCII.GetString(line[(colon + 1)..].Trim((byte)' '));
        if (name == SignatureName)
            return mayBeSigned && (HasSignature = HexText.TryDecode(value, signature));
        if (!DeclaredNames().Contains(name) || headers.Exists(header => header.Key == name))
            return false;
        headers.Add(new(name, value));
        return true;
    }

    /// <summary>SHA-256 of the lines that the trailer's signature covers.</summary>
    public void Hash(Span<byte> hash)
    {
        var text = new ByteBuilder(stackalloc byte[512]);
        foreach (var (name, value) in headers)
            AppendLine(ref text, name, value);
        SHA256.HashData(text.Written, hash);
        text.Dispose();
    }

    public static void AppendLine(ref ByteBuilder text, string name, string value)
    {
        text.Append(name);
        text.Append((byte)':');
        text.Append(value);
        text.Append((byte)'\n');
    }

    private string[] DeclaredNames() =>
        declared?.ToLowerInvariant().Split(
            ',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];
}
