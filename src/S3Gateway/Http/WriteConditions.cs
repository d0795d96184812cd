using Microsoft.AspNetCore.Http;

namespace Vault.S3Gateway.Http;

/// <summary>The conditions of a write: the key must be absent, or its entity tag must be one of those given.</summary>
internal readonly struct WriteConditions
{
    private WriteConditions(bool mustBeAbsent, string? ifMatch)
    {
        MustBeAbsent = mustBeAbsent;
        IfMatch = ifMatch;
    }

    /// <summary><c>If-None-Match: *</c>.</summary>
    public bool MustBeAbsent { get; }

    /// <summary>The value of If-Match, or null.</summary>
    public string? IfMatch { get; }

    /// <summary>Reads them; other forms of If-None-Match are refused rather than ignored.</summary>
    /// <exception cref="S3Exception">501: a form that AWS does not know for writes.</exception>
    public static WriteConditions Read(IHeaderDictionary headers)
    {
        var noneMatch = headers.IfNoneMatch;
        var match = headers.IfMatch;
        if (noneMatch.Count == 0 && match.Count == 0)
            return default;
        if (noneMatch.Count > 0 && (match.Count > 0 || !EntityTags.Bare(noneMatch.ToString()).SequenceEqual("*")))
            throw S3Errors.NotImplemented.Thrown();
        return new(noneMatch.Count > 0, match.Count > 0 ? match.ToString() : null);
    }
}
