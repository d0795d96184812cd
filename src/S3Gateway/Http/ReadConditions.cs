using Microsoft.AspNetCore.Http;

namespace Vault.S3Gateway.Http;

/// <summary>How the conditions of a read came out.</summary>
internal enum ConditionOutcome
{
    /// <summary>Answer as if there were none.</summary>
    Proceed,

    /// <summary>304.</summary>
    NotModified,

    /// <summary>412.</summary>
    Failed,
}

/// <summary>The four conditions of a read, in the precedence of RFC 9110 §13.2.2.</summary>
internal readonly struct ReadConditions(
    string? ifMatch, string? ifUnmodifiedSince, string? ifNoneMatch, string? ifModifiedSince)
{
    /// <summary>True when there is anything to evaluate.</summary>
    public bool Any => ifMatch is not null || ifUnmodifiedSince is not null || ifNoneMatch is not null
        || ifModifiedSince is not null;

    /// <summary>The conditions of GET and HEAD.</summary>
    public static ReadConditions OfRead(IHeaderDictionary headers) => new(
        Text(headers.IfMatch), Text(headers.IfUnmodifiedSince), Text(headers.IfNoneMatch),
        Text(headers.IfModifiedSince));

    /// <summary>The conditions on a copy's source.</summary>
    public static ReadConditions OfCopySource(IHeaderDictionary headers) => new(
        Text(headers["x-amz-copy-source-if-match"]), Text(headers["x-amz-copy-source-if-unmodified-since"]),
        Text(headers["x-amz-copy-source-if-none-match"]), Text(headers["x-amz-copy-source-if-modified-since"]));

    /// <summary>Evaluates them against a version.</summary>
    public ConditionOutcome Evaluate(string etag, long modifiedMs)
    {
        var modified = modifiedMs / 1000;
        if (ifMatch is not null)
        {
            if (!EntityTags.Matches(ifMatch, etag))
                return ConditionOutcome.Failed;
        }
        else if (ifUnmodifiedSince is not null && HttpDates.TryParse(ifUnmodifiedSince, out var unmodified)
            && modified > unmodified)
        {
            return ConditionOutcome.Failed;
        }

        if (ifNoneMatch is not null)
        {
            return EntityTags.MatchesWeakly(ifNoneMatch, etag)
                ? ConditionOutcome.NotModified
                : ConditionOutcome.Proceed;
        }

        return ifModifiedSince is not null && HttpDates.TryParse(ifModifiedSince, out var since) && modified <= since
            ? ConditionOutcome.NotModified
            : ConditionOutcome.Proceed;
    }

    private static string? Text(Microsoft.Extensions.Primitives.StringValues values) =>
        values.Count == 0 ? null : values.ToString();
}
