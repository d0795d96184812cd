using Vault.Load.Workload;
using Vault.Protocol.SigV4;

namespace Vault.Load.Client;

/// <summary>
/// Makes signed requests on one connection. Blocking, one per thread: nothing is leaner with few connections.
/// </summary>
internal sealed class S3Client(S3Target target, SigV4Signer signer) : IDisposable
{
    private readonly HttpConnection connection = new(target.Endpoint, target.Authority);
    private readonly string host = target.Host;
    private readonly string path = "/" + target.Bucket;
    private string timestamp = string.Empty;
    private long timestampSecond;

    public HttpReply Put(string key, Body body) => Send(
        new LeanRequest
        {
            Method = "PUT",
            RawTarget = $"{path}/{key}",
            Host = host,
            Timestamp = Timestamp(),
            Payload = target.UnsignedPayload ? PayloadModes.UnsignedPayload : body.Sha256,
            Crc32 = body.Crc32Text,
        },
        body.Bytes,
        expected: null,
        collect: false);

    public HttpReply Get(string key, byte[]? expected) =>
        Send(Bare("GET", $"{path}/{key}", isObject: true), null, expected, collect: false);

    public HttpReply Head(string key) => Send(Bare("HEAD", $"{path}/{key}"), null, null, collect: false);

    public HttpReply Delete(string key) => Send(Bare("DELETE", $"{path}/{key}"), null, null, collect: false);

    public HttpReply List(string query) => Send(Bare("GET", $"{path}?{query}"), null, null, collect: true);

    public HttpReply CreateBucket() => Send(Bare("PUT", path), [], null, collect: true);

    public void Dispose() => connection.Dispose();

    private LeanRequest Bare(string method, string rawTarget, bool isObject = false) => new()
    {
        Method = method,
        RawTarget = rawTarget,
        Host = host,
        Timestamp = Timestamp(),
        Payload = PayloadModes.EmptyHash,
        AsksForChecksum = isObject,
    };

    private HttpReply Send(in LeanRequest request, byte[]? body, byte[]? expected, bool collect)
    {
        var authorization = signer.Authorization(request, request.SignedHeaders, request.Payload, request.Timestamp);
        connection.Begin(request.Method, request.RawTarget);
        connection.Header("Host", request.Host);
        connection.Header("x-amz-date", request.Timestamp);
        connection.Header("x-amz-content-sha256", request.Payload);
        if (request.Crc32 is not null)
        {
            connection.Header("x-amz-checksum-crc32", request.Crc32);
            connection.Header("x-amz-sdk-checksum-algorithm", "CRC32");
        }

        if (request.AsksForChecksum)
            connection.Header("x-amz-checksum-mode", "ENABLED");
        connection.Header("Authorization", authorization);
        connection.Send(body);
        return connection.Receive(request.Method == "HEAD", expected, collect);
    }

    private string Timestamp()
    {
        var now = TimeProvider.System.GetUtcNow();
        var second = now.ToUnixTimeSeconds();
        if (second != timestampSecond)
            (timestamp, timestampSecond) = (SigV4Time.Format(now), second);
        return timestamp;
    }
}
