namespace Vault.Protocol.SigV4;

/// <summary>Which kind of signature a query carries.</summary>
internal enum QueryMechanism
{
    None,
    V2,
    V4,
}

/// <summary>The X-Amz-* parameters of a presigned URL.</summary>
internal ref struct PresignedQuery
{
    private const string Required =
        "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, " +
        "X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.";

    private string? algorithm;
    private string? credential;
    private string? date;
    private string? expires;
    private string? signedHeaders;
    private string? signature;
    private string? securityToken;
    private string? contentSha256;
    private bool repeated;

    public static QueryMechanism Find(ReadOnlySpan<char> query)
    {
        if (query.IsEmpty)
            return QueryMechanism.None;
        var found = QueryMechanism.None;
        var (oldKey, oldSignature) = (false, false);
        var walk = new QueryParameters(query);
        while (walk.MoveNext())
        {
            switch (walk.Name)
            {
                case "X-Amz-Algorithm" or "X-Amz-Signature" or "X-Amz-Credential":
                    found = QueryMechanism.V4;
                    break;
                case "AWSAccessKeyId":
                    oldKey = true;
                    break;
                case "Signature":
                    oldSignature = true;
                    break;
            }
        }

        return found == QueryMechanism.None && oldKey && oldSignature ? QueryMechanism.V2 : found;
    }

    public static SigV4Outcome Parse<TRequest>(
        in TRequest request,
        ReadOnlySpan<char> query,
        SigV4Options options,
        DateTimeOffset now,
        out SigV4Claim? claim,
        out string? detail)
        where TRequest : ISigV4Request, allows ref struct
    {
        claim = null;
        var read = default(PresignedQuery);
        read.Collect(query);
        return read.Check(request, options, now, ref claim, out detail);
    }

    private void Collect(ReadOnlySpan<char> query)
    {
        var walk = new QueryParameters(query);
        while (walk.MoveNext())
        {
            switch (walk.Name)
            {
                case "X-Amz-Algorithm":
                    Take(ref algorithm, walk.Value);
                    break;
                case "X-Amz-Credential":
                    Take(ref credential, walk.Value);
                    break;
                case "X-Amz-Date":
                    Take(ref date, walk.Value);
                    break;
                case "X-Amz-Expires":
                    Take(ref expires, walk.Value);
                    break;
                case "X-Amz-SignedHeaders":
                    Take(ref signedHeaders, walk.Value);
                    break;
                case "X-Amz-Signature":
                    Take(ref signature, walk.Value);
                    break;
                case "X-Amz-Security-Token":
                    Take(ref securityToken, walk.Value);
                    break;
                case "X-Amz-Content-Sha256":
                    Take(ref contentSha256, walk.Value);
                    break;
            }
        }
    }

    private void Take(ref string? slot, ReadOnlySpan<char> value)
    {
        repeated |= slot is not null;
        slot = QueryParameters.Decode(value) ?? string.Empty;
    }

    private SigV4Outcome Check<TRequest>(
        in TRequest request, SigV4Options options, DateTimeOffset now, ref SigV4Claim? claim, out string? detail)
        where TRequest : ISigV4Request, allows ref struct
    {
        detail = Required;
        if (repeated || string.IsNullOrEmpty(algorithm) || string.IsNullOrEmpty(credential)
            || string.IsNullOrEmpty(date) || string.IsNullOrEmpty(expires)
            || string.IsNullOrEmpty(signedHeaders) || string.IsNullOrEmpty(signature))
            return SigV4Outcome.AuthorizationQueryParametersError;
        detail = "X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256\"";
        if (algorithm != SigV4Claim.Algorithm)
            return SigV4Outcome.AuthorizationQueryParametersError;
        if (!CredentialScope.TryParse(credential, options, out var scope, out detail))
        {
            detail = "Error parsing the X-Amz-Credential parameter; " + detail;
            return SigV4Outcome.AuthorizationQueryParametersError;
        }

        detail = "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"";
        if (!SigV4Time.TryParse(date, out var time))
            return SigV4Outcome.AuthorizationQueryParametersError;
        if (!TryReadExpires(options, out var seconds, out detail))
            return SigV4Outcome.AuthorizationQueryParametersError;
        var read = new SigV4Claim(isPresigned: true, scope, signedHeaders)
        {
            Timestamp = date,
            SignedAt = time,
            ExpiresSeconds = seconds,
        };
        if (!date.AsSpan(0, 8).SequenceEqual(read.Date))
        {
            detail = $"Invalid credential date \"{read.Date}\". This date is not the same as X-Amz-Date: " +
                $"\"{date.AsSpan(0, 8)}\".";
            return SigV4Outcome.AuthorizationQueryParametersError;
        }

        if (time - now > options.MaxSkew)
            return SigV4Outcome.RequestNotYetValid;
        if (now - time > TimeSpan.FromSeconds(seconds))
            return SigV4Outcome.RequestExpired;
        if (!HexText.TryDecode(signature, read.SignatureBuffer))
            return SigV4Outcome.SignatureDoesNotMatch;
        if (!SigV4Parser.HeadersAreSigned(request, signedHeaders, out detail))
            return SigV4Outcome.UnsignedHeaders;
        return Finish(request, read, ref claim);
    }

    private readonly SigV4Outcome Finish<TRequest>(in TRequest request, SigV4Claim read, ref SigV4Claim? claim)
        where TRequest : ISigV4Request, allows ref struct
    {
        var payload = contentSha256 ?? request.GetHeader("x-amz-content-sha256").Only ?? PayloadModes.UnsignedPayload;
        if (!PayloadModes.TryParse(payload, out var mode))
            return SigV4Outcome.InvalidContentSha256;
        read.Payload = mode;
        read.PayloadText = payload;
        read.SecurityToken = securityToken ?? request.GetHeader("x-amz-security-token").Only;
        claim = read;
        return SigV4Outcome.Ok;
    }

    private readonly bool TryReadExpires(SigV4Options options, out int seconds, out string? detail)
    {
        seconds = 0;
        detail = "X-Amz-Expires should be a number";
        var digits = expires.AsSpan();
        var negative = digits.StartsWith('-');
        digits = negative ? digits[1..] : digits;
        if (digits.IsEmpty || digits.ContainsAnyExceptInRange('0', '9'))
            return false;
        detail = "X-Amz-Expires must be non-negative";
        if (negative)
            return false;
        detail = "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less " +
            $"than {options.MaxExpiresSeconds} seconds";
        if (digits.TrimStart('0').Length > 9)
            return false;
        foreach (var digit in digits)
            seconds = (seconds * 10) + (digit - '0');
        if (seconds > options.MaxExpiresSeconds)
            return false;
        detail = seconds == 0 ? "X-Amz-Expires must be at least 1 second" : null;
        return seconds > 0;
    }
}
