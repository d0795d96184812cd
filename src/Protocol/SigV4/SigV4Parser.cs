namespace Vault.Protocol.SigV4;

/// <summary>Reads who signed a request, from its header or its query. Nothing is proven yet.</summary>
public static class SigV4Parser
{
    /// <summary>
    /// Reads and checks everything that needs no secret: shape, scope, dates, signed headers, payload mode.
    /// </summary>
    /// <param name="request">The request.</param>
    /// <param name="options">What the server accepts.</param>
    /// <param name="now">The server's time.</param>
    /// <param name="claim">The claim when the outcome is <see cref="SigV4Outcome.Ok"/>.</param>
    /// <param name="detail">What <see cref="SigV4Error.For"/> adds to the message, or null.</param>
    public static SigV4Outcome Parse<TRequest>(
        in TRequest request, SigV4Options options, DateTimeOffset now, out SigV4Claim? claim, out string? detail)
        where TRequest : ISigV4Request, allows ref struct
    {
        claim = null;
        detail = null;
        var authorization = request.GetHeader("authorization");
        RequestTarget.Split(request.RawTarget, out _, out var query);
        var mechanism = PresignedQuery.Find(query);
        if (authorization.Count > 1 || (authorization.Count == 1 && mechanism != QueryMechanism.None))
            return SigV4Outcome.SeveralMechanisms;
        if (authorization.Count == 0)
        {
            return mechanism switch
            {
                QueryMechanism.V4 => PresignedQuery.Parse(request, query, options, now, out claim, out detail),
                QueryMechanism.V2 => SigV4Outcome.SignatureVersion2,
                _ => SigV4Outcome.Anonymous,
            };
        }

        var value = authorization[0].AsSpan().Trim();
        if (value.StartsWith(SigV4Claim.Algorithm) && value.Length > SigV4Claim.Algorithm.Length
            && value[SigV4Claim.Algorithm.Length] is ' ' or '\t')
        {
            var list = value[SigV4Claim.Algorithm.Length..];
            return AuthorizationHeader.Parse(request, list, options, now, out claim, out detail);
        }

        if (value.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
            return SigV4Outcome.Bearer;
        if (value.StartsWith("AWS "))
            return SigV4Outcome.SignatureVersion2;
        if (value.StartsWith(SigV4Claim.Algorithm))
        {
            detail = AuthorizationHeader.ThreeComponents;
            return SigV4Outcome.AuthorizationHeaderMalformed;
        }

        return SigV4Outcome.UnsupportedAuthorization;
    }

    /// <summary>Checks that <c>host</c> and every <c>x-amz-*</c> header of the request is signed.</summary>
    internal static bool HeadersAreSigned<TRequest>(in TRequest request, string signedHeaders, out string? detail)
        where TRequest : ISigV4Request, allows ref struct
    {
        var signed = new SignedHeaderNames(signedHeaders);
        detail = signed.Contains("host") ? request.FindUnsignedHeader(signed) : "host";
        return detail is null;
    }
}
