using System.Net.Sockets;
using Vault.Testing;

namespace Vault.Cluster.Tests.Kill;

/// <summary>What a request came to.</summary>
/// <param name="Status">HTTP status; 0 when the connection died or the time was up.</param>
/// <param name="Code">The code of a refusal, or what befell the connection.</param>
/// <param name="Body">The whole body.</param>
/// <param name="WriteId">Value of the header that names the write; 0 for none.</param>
/// <param name="ETag">Entity tag in its quotation marks.</param>
/// <param name="Invoked">When it was sent.</param>
/// <param name="Returned">When it was over.</param>
internal readonly record struct S3Reply(
    int Status, string Code, byte[] Body, long WriteId, string ETag, long Invoked, long Returned)
{
    public bool IsSuccess => Status is >= 200 and < 300;

    public bool IsAbsent => Status == 404;

    /// <summary>No connection was made: nothing reached the server.</summary>
    public bool WasNotSent => Status == 0 && Code == nameof(SocketError.ConnectionRefused);

    /// <summary>Says nothing about what became of it.</summary>
    public bool IsFailure =>
        Status is 0 or >= 500 || (Status == 400 && Code is "RequestTimeout" or "IncompleteBody");
}

/// <summary>Sends requests to the gateways, each once, and notes how they ended.</summary>
internal sealed class S3Caller(KillHistory history, IReadOnlyList<S3TestClient> gateways, string bucket)
{
    public const string WriteHeader = "x-amz-meta-write";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    public string Bucket => bucket;

    public int Gateways => gateways.Count;

    /// <summary>Sends one request about a key.</summary>
    public Task<S3Reply> SendAsync(
        string kind, int gateway, string method, string key, string query = "", byte[]? body = null,
        params (string Name, string Value)[] headers) =>
        SendRawAsync(kind, gateway, method, S3TestClient.Target(bucket, key) + query, body, headers);

    /// <summary>Sends one request.</summary>
    public async Task<S3Reply> SendRawAsync(
        string kind, int gateway, string method, string target, byte[]? body = null,
        params (string Name, string Value)[] headers)
    {
        gateway %= gateways.Count;
        // A DELETE with an empty body is not repeated by HttpClient when the connection dies.
        if (method == "DELETE") body ??= [];
        var invoked = KillHistory.Now;
        S3Reply reply;
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            using var answer = await gateways[gateway].SendAsync(
                method, target, body, headers.ToDictionary(h => h.Name, h => h.Value), patience.Token);
            var bytes = await answer.Content.ReadAsByteArrayAsync(patience.Token);
            reply = Read(answer, bytes, invoked);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            reply = new S3Reply(0, NameOf(e), [], 0, "", invoked, KillHistory.Now);
        }

        var failure = reply.IsFailure ? $"{reply.Status} {reply.Code}" : null;
        history.Ended(new(kind, failure, gateway, invoked, reply.Returned));
        return reply;
    }

    /// <summary>Notes an answer that is neither a failure nor one that the protocol allows here.</summary>
    public void Unexpected(string what, in S3Reply reply) =>
        history.Violated($"{what} was answered {reply.Status} {reply.Code}");

    private static S3Reply Read(HttpResponseMessage answer, byte[] bytes, long invoked)
    {
        var status = (int)answer.StatusCode;
        var code = status < 300 ? "" : XmlText.Value(bytes, "Code");
        if (status == 200 && XmlText.IsError(bytes))
        {
            // A completed upload's refusal comes after its status has left.
            code = XmlText.Value(bytes, "Code");
            status = code is "InternalError" or "ServiceUnavailable" or "SlowDown" ? 503 : 400;
        }

        var write = answer.Headers.TryGetValues(WriteHeader, out var values) ? long.Parse(values.First()) : 0;
        return new S3Reply(
            status, code, bytes, write, answer.Headers.ETag?.Tag ?? "", invoked, KillHistory.Now);
    }

    private static string NameOf(Exception e) => e switch
    {
        OperationCanceledException => "patience",
        HttpRequestException { InnerException: SocketException s } => s.SocketErrorCode.ToString(),
        HttpRequestException { HttpRequestError: var error and not HttpRequestError.Unknown } => error.ToString(),
        _ => e.GetType().Name,
    };
}
