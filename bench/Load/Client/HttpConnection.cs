using System.Buffers.Text;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Vault.Load.Client;

/// <summary>One HTTP/1.1 connection with blocking calls and reused buffers; opens itself again after a close.</summary>
internal sealed class HttpConnection(Uri endpoint, X509Certificate2? authority) : IDisposable
{
    private const int InlineBodyBytes = 16 << 10;
    private const int WriteSliceBytes = 256 << 10;

    private readonly byte[] request = new byte[InlineBodyBytes + (8 << 10)];
    private readonly ReplyReader reader = new();
    private int length;
    private Stream? stream;

    public void Begin(string method, string rawTarget)
    {
        length = 0;
        Ascii(method);
        Ascii(" ");
        Ascii(rawTarget);
        Ascii(" HTTP/1.1\r\n");
    }

    public void Header(string name, string value)
    {
        Ascii(name);
        Ascii(": ");
        Ascii(value);
        Ascii("\r\n");
    }

    /// <summary>Ends the head and sends it; null for a request without a body.</summary>
    public void Send(byte[]? body)
    {
        if (body is not null)
        {
            Ascii("Content-Length: ");
            Utf8Formatter.TryFormat(body.Length, request.AsSpan(length), out var digits);
            length += digits;
            Ascii("\r\n");
        }

        Ascii("\r\n");
        var open = stream ??= Open();
        if (body is { Length: <= InlineBodyBytes })
        {
            body.CopyTo(request.AsSpan(length));
            length += body.Length;
            body = null;
        }

        open.Write(request, 0, length);
        for (var at = 0; at < body?.Length; at += WriteSliceBytes)
            open.Write(body, at, Math.Min(WriteSliceBytes, body.Length - at));
    }

    /// <summary>Reads the reply to the end of its body.</summary>
    public HttpReply Receive(bool isHead, byte[]? expected, bool collect)
    {
        var reply = reader.Read(stream!, isHead, expected, collect);
        if (reader.MustClose)
            Dispose();
        return reply;
    }

    public void Dispose()
    {
        stream?.Dispose();
        stream = null;
        reader.Reset();
    }

    private void Ascii(string text) => length += Encoding.ASCII.GetBytes(text, request.AsSpan(length));

    private Stream Open()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(endpoint.Host, endpoint.Port);
        var network = new NetworkStream(socket, ownsSocket: true);
        if (endpoint.Scheme != Uri.UriSchemeHttps)
            return network;
        var secure = new SslStream(network);
        secure.AuthenticateAsClient(new SslClientAuthenticationOptions
        {
            TargetHost = endpoint.Host,
            CertificateChainPolicy = authority is null ? null : TrustOnly(authority),
        });
        return secure;
    }

    private static X509ChainPolicy TrustOnly(X509Certificate2 authority) => new()
    {
        TrustMode = X509ChainTrustMode.CustomRootTrust,
        CustomTrustStore = { authority },
        RevocationMode = X509RevocationMode.NoCheck,
    };
}
