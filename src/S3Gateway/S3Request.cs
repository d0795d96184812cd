using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Vault.Protocol.Ids;
using Vault.Protocol.SigV4;
using Vault.S3Gateway.Auth;
using Vault.S3Gateway.Routing;

namespace Vault.S3Gateway;

/// <summary>One request on its way through the front door.</summary>
internal sealed class S3Request : ISigV4Request
{
    private S3Caller? caller;

    public S3Request(HttpContext http, string id)
    {
        Http = http;
        Id = id;
        Headers = http.Request.Headers;
        PeerAddress = http.Connection.RemoteIpAddress;
        Scheme = http.Request.Scheme;
        RawTarget = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
    }

    public HttpContext Http { get; }

    /// <summary>What <c>x-amz-request-id</c> says.</summary>
    public string Id { get; }

    public IHeaderDictionary Headers { get; }

    public string Method => Http.Request.Method;

    public string RawTarget { get; }

    /// <summary>Who sent it: the connection's other end, or whom a trusted proxy names.</summary>
    public IPAddress? PeerAddress { get; set; }

    /// <summary><c>http</c> or <c>https</c>, as the client sees it.</summary>
    public string Scheme { get; set; }

    public S3Operation Operation { get; private set; }

    public S3Target Target { get; private set; }

    /// <summary>The bucket's name; it is valid.</summary>
    public string Bucket => Target.Bucket;

    /// <summary>The key of an object operation.</summary>
    public ObjectKey Key => Target.Key ?? throw new InvalidOperationException("This operation has no key.");

    public S3Query Query => Target.Query;

    /// <summary>What the signature said; null for an anonymous request.</summary>
    public SigV4Claim? Claim { get; set; }

    /// <summary>Who signed.</summary>
    public S3Caller Caller
    {
        get => caller ?? throw new InvalidOperationException("Nobody was authenticated.");
        set => caller = value;
    }

    /// <summary>Who signed, or null when nobody was authenticated.</summary>
    public S3Caller? CallerOrNull => caller;

    /// <summary>True once the last byte of the body was read.</summary>
    public bool BodyConsumed { get; set; }

    /// <summary>Body bytes received, decoded.</summary>
    public long BytesIn { get; set; }

    /// <summary>Body bytes sent.</summary>
    public long BytesOut { get; set; }

    /// <summary>Size of the object whose range was not satisfiable, for the refusal's details.</summary>
    public long? RangeSize { get; set; }

    /// <summary>Body bytes that the client announced, without framing; null when it announced none.</summary>
    public long? DeclaredSize => Header("x-amz-decoded-content-length") is { } text
        && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var size)
            ? size
            : Http.Request.ContentLength;

    /// <summary>Whether there is a body that nobody has read to its end.</summary>
    /// <summary>
    /// An empty body was announced with <c>Expect: 100-continue</c>. It is answered at once, and botocore, which waits
    /// for a 100 first, misreads the next answer on the connection: that has to be closed.
    /// </summary>
    public bool ExpectsInVain => Http.Request.ContentLength == 0 && Headers.Expect.Count > 0;

    public bool HasUnreadBody => !BodyConsumed
        && Http.Request.ContentLength is not 0
        && Http.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true;

    /// <summary>Ends the request's use of its caller's keys.</summary>
    public void LeaveCaller()
    {
        caller?.Leave();
        caller = null;
    }

    /// <summary>Reads bucket, key, query and operation from the raw target and the Host header.</summary>
    public void Route(IReadOnlyList<string> domains)
    {
        Target = S3Target.Parse(RawTarget, Headers.Host.ToString(), domains);
        Operation = OperationRouter.Resolve(Method, Target, Headers.ContainsKey("x-amz-copy-source"));
        if (Bucket.Length > 0 && !BucketName.TryParse(Bucket, out _))
            throw S3Errors.InvalidBucketName.Thrown();
    }

    /// <summary>The only value of a header, or null.</summary>
    public string? Header(string name) =>
        Headers.TryGetValue(name, out var values) && values.Count > 0 ? values.ToString() : null;

    HeaderValues ISigV4Request.GetHeader(string name)
    {
        if (!Headers.TryGetValue(name, out var values))
            return default;
        return values.Count == 1 ? new(values[0]) : new(values.ToArray());
    }

    string? ISigV4Request.FindUnsignedHeader(SignedHeaderNames signed)
    {
        foreach (KeyValuePair<string, StringValues> header in Headers)
        {
            if (signed.Lacks(header.Key))
                return header.Key;
        }

        return null;
    }
}
