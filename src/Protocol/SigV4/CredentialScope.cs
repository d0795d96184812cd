namespace Vault.Protocol.SigV4;

/// <summary><c>access-key/date/region/service/aws4_request</c>, split.</summary>
internal readonly struct CredentialScope
{
    private const int MaxAccessKeyIdLength = 128;
    private const int MaxScopeLength = 160;
    private const string Expected = "expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".";

    private CredentialScope(string accessKeyId, string scope, int regionLength, int serviceLength)
    {
        AccessKeyId = accessKeyId;
        Scope = scope;
        RegionLength = regionLength;
        ServiceLength = serviceLength;
    }

    public string AccessKeyId { get; }

    public string Scope { get; }

    public int RegionLength { get; }

    public int ServiceLength { get; }

    public static bool TryParse(
        ReadOnlySpan<char> text, SigV4Options options, out CredentialScope scope, out string? detail)
    {
        scope = default;
        var key = text.IndexOf('/');
        if (key is <= 0 or > MaxAccessKeyIdLength || text.Length - key > MaxScopeLength)
            return Malformed(out detail);
        var rest = text[(key + 1)..];
        Span<Range> parts = stackalloc Range[5];
        if (rest.Split(parts, '/') != 4)
            return Malformed(out detail);
        var date = rest[parts[0]];
        var region = rest[parts[1]];
        var service = rest[parts[2]];
        var terminal = rest[parts[3]];
        if (region.IsEmpty || service.IsEmpty)
            return Malformed(out detail);
        if (date.Length != 8 || date.ContainsAnyExceptInRange('0', '9'))
        {
            detail =
                $"incorrect date format \"{date}\". This date in the credential must be in the format \"yyyyMMdd\".";
            return false;
        }

        if (!terminal.SequenceEqual("aws4_request"))
        {
            detail = $"incorrect terminal \"{terminal}\". This endpoint uses \"aws4_request\".";
            return false;
        }

        if (!service.SequenceEqual(options.Service))
        {
            detail = $"incorrect service \"{service}\". This endpoint belongs to \"{options.Service}\".";
            return false;
        }

        if (options.StrictRegion is { } strict && !region.SequenceEqual(strict))
        {
            detail = $"the region '{region}' is wrong; expecting '{strict}'";
            return false;
        }

        detail = null;
        scope = new(text[..key].ToString(), rest.ToString(), region.Length, service.Length);
        return true;
    }

    private static bool Malformed(out string? detail)
    {
        detail = "the Credential is mal-formed; " + Expected;
        return false;
    }
}
