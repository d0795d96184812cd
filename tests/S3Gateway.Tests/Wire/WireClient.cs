using System.Globalization;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Vault.Protocol.SigV4;

namespace Vault.S3Gateway.Tests.Wire;

/// <summary>
/// An S3 client that writes every byte of a request itself and never retries: one connection for each request. What a
/// test does not say is sent as an SDK would: a signed header, a hash of the body.
/// </summary>
public sealed class WireClient(Uri endpoint, string accessKeyId, string secretAccessKey, string region = "us-east-1")
{
    public Uri Endpoint => endpoint;

    public string Host => endpoint.Authority;

    public string AccessKeyId => accessKeyId;

    public string SecretAccessKey => secretAccessKey;

    /// <summary>Sends a request signed in its header.</summary>
    public Task<WireResponse> SendAsync(
        string method, string target, byte[]? body = null, params (string Name, string Value)[] headers) =>
        SendAsync(method, target, body ?? [], null, headers);

    /// <summary>The same with a payload line of the test's choice.</summary>
    public async Task<WireResponse> SendAsync(
        string method, string target, byte[] body, string? payload, (string Name, string Value)[] headers,
            TimeSpan skew = default)
    {
        var request = new SignableRequest(method, target, Host);
        foreach (var (name, value) in headers)
            request.With(name, value);
        if (body.Length > 0 || method is "PUT" or "POST")
            request.With("content-length", body.Length.ToString(CultureInfo.InvariantCulture));
        using var signer = Signer();
        using var chain = signer.Sign(
            request, payload ?? Convert.ToHexStringLower(SHA256.HashData(body)),
                TimeProvider.System.GetUtcNow() + skew);
        return await ExchangeAsync(Write(request, body), method == "HEAD");
    }

    /// <summary>Sends an aws-chunked body, as SDKs stream.</summary>
    public async Task<WireResponse> SendChunkedAsync(
        string method, string target, byte[] body, string mode, int chunkBytes,
        (string Name, string Value)[] headers, (string Name, string Value)[] trailers, Func<byte[],
            byte[]>? tamper = null,
        bool withLength = true, long? decodedLength = null)
    {
        Assert.True(PayloadModes.TryParse(mode, out var parsed));
        var request = new SignableRequest(method, target, Host);
        foreach (var (name, value) in headers)
            request.With(name, value);
        request.With("x-amz-decoded-content-length", (decodedLength ?? body.Length)
            .ToString(CultureInfo.InvariantCulture));
        request.With("content-encoding",
            headers.FirstOrDefault(h => h.Name == "content-encoding").Value is { } encoding ? encoding : "aws-chunked");
        if (trailers.Length > 0)
            request.With("x-amz-trailer", string.Join(',', trailers.Select(trailer => trailer.Name)));
        using var signer = Signer();
        using var chain = signer.Sign(request, mode, TimeProvider.System.GetUtcNow());
        var encoder = new AwsChunkedEncoder(parsed, chain);
        var framed = new System.Buffers.ArrayBufferWriter<byte>();
        for (var at = 0; at < body.Length; at += chunkBytes)
            encoder.WriteChunk(framed, body.AsSpan(at, Math.Min(chunkBytes, body.Length - at)));
        encoder.WriteEnd(framed, [.. trailers.Select(trailer => KeyValuePair.Create(trailer.Name, trailer.Value))]);
        var bytes = tamper is null ? framed.WrittenSpan.ToArray() : tamper(framed.WrittenSpan.ToArray());
        if (withLength)
            return await ExchangeAsync(
                Write(request, bytes, ("Content-Length", bytes.Length.ToString(CultureInfo.InvariantCulture))), false);
        return await ExchangeAsync(Write(request, HttpChunked(bytes), ("Transfer-Encoding", "chunked")), false);
    }

    /// <summary>A presigned target.</summary>
    public string Presign(
        string method, string target, TimeSpan expires, DateTimeOffset? at = null,
            params (string Name, string Value)[] headers)
    {
        var request = new SignableRequest(method, target, Host);
        foreach (var (name, value) in headers)
            request.With(name, value);
        using var signer = Signer();
        return signer.Presign(request, at ?? TimeProvider.System.GetUtcNow(), expires);
    }

    /// <summary>Sends a request without signing it, such as one to a presigned target.</summary>
    public Task<WireResponse> SendUnsignedAsync(
        string method, string target, byte[]? body = null, params (string Name, string Value)[] headers)
    {
        var text = new StringBuilder($"{method} {target} HTTP/1.1\r\n");
        if (!headers.Any(header => header.Name.Equals("host", StringComparison.OrdinalIgnoreCase)))
            text.Append($"Host: {Host}\r\n");
        foreach (var (name, value) in headers)
            text.Append($"{name}: {value}\r\n");
        if (body is not null)
            text.Append(CultureInfo.InvariantCulture, $"Content-Length: {body.Length}\r\n");
        text.Append("Connection: close\r\n\r\n");
        return ExchangeAsync([.. Encoding.UTF8.GetBytes(text.ToString()), .. body ?? []], method == "HEAD");
    }

    /// <summary>The bytes of a signed request, for tests that cut or bend them.</summary>
    public byte[] Sign(string method, string target, byte[] body, params (string Name, string Value)[] headers)
    {
        var request = new SignableRequest(method, target, Host);
        foreach (var (name, value) in headers)
            request.With(name, value);
        using var signer = Signer();
        using var chain = signer.Sign(request, Convert.ToHexStringLower(SHA256.HashData(body)),
            TimeProvider.System.GetUtcNow());
        return Write(request, body);
    }

    /// <summary>Writes bytes and reads until the server closes.</summary>
    public async Task<WireResponse> ExchangeAsync(byte[] bytes, bool isHead)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(endpoint.Host, endpoint.Port);
        var sending = SendAllAsync(socket, bytes, thatIsAll: false);
        var received = await ReceiveAllAsync(socket);
        await sending;
        return WireResponse.Parse(received, isHead);
    }

    /// <summary>
    /// Writes bytes that may be no whole request, and hangs up; the status of what comes back, 0 when nothing does.
    /// </summary>
    public async Task<int> ExchangeLooselyAsync(byte[] bytes)
    {
        var received = await ExchangeTextAsync(bytes, hangsUp: true);
        return received.Length < 12 ? 0 : int.Parse(received.AsSpan(9, 3), CultureInfo.InvariantCulture);
    }

    /// <summary>Writes bytes and returns everything that comes back until the server closes.</summary>
    public async Task<string> ExchangeTextAsync(byte[] bytes, bool hangsUp = false)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(endpoint.Host, endpoint.Port);
        await SendAllAsync(socket, bytes, hangsUp);
        return Encoding.Latin1.GetString(await ReceiveAllAsync(socket));
    }

    private static async Task<byte[]> ReceiveAllAsync(Socket socket)
    {
        var received = new MemoryStream();
        var buffer = new byte[64 << 10];
        try
        {
            while (await socket.ReceiveAsync(buffer) is var count and > 0)
                received.Write(buffer, 0, count);
        }
        catch (SocketException)
        {
            // The server closed while we were still sending; what it answered before is what counts.
        }

        return received.ToArray();
    }

    private static async Task SendAllAsync(Socket socket, byte[] bytes, bool thatIsAll)
    {
        try
        {
            for (var at = 0; at < bytes.Length;)
                at += await socket.SendAsync(bytes.AsMemory(at));
            if (thatIsAll)
                socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // The answer says why the server did not want the rest.
        }
    }

    private static byte[] Write(SignableRequest request, byte[] body, params (string Name, string Value)[] unsigned)
    {
        var text = new StringBuilder($"{request.Method} {request.RawTarget} HTTP/1.1\r\n");
        foreach (var (name, value) in request.Headers)
            text.Append($"{name}: {value}\r\n");
        foreach (var (name, value) in unsigned)
            text.Append($"{name}: {value}\r\n");
        text.Append("Connection: close\r\n\r\n");
        return [.. Encoding.UTF8.GetBytes(text.ToString()), .. body];
    }

    /// <summary>A body in HTTP's own chunks.</summary>
    public static byte[] HttpChunked(byte[] body)
    {
        var framed = new MemoryStream();
        for (var at = 0; at < body.Length; at += 10_000)
        {
            var count = Math.Min(10_000, body.Length - at);
            framed.Write(Encoding.ASCII.GetBytes(count.ToString("x", CultureInfo.InvariantCulture) + "\r\n"));
            framed.Write(body, at, count);
            framed.Write("\r\n"u8);
        }

        framed.Write("0\r\n\r\n"u8);
        return framed.ToArray();
    }

    private SigV4Signer Signer() => new(accessKeyId, secretAccessKey, region);
}
