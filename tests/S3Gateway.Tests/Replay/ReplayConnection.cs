using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Vault.S3Gateway.Tests.Wire;

namespace Vault.S3Gateway.Tests.Replay;

/// <summary>A connection that is kept between requests, as the clients keep theirs.</summary>
internal sealed class ReplayConnection(Uri endpoint) : IDisposable
{
    private readonly byte[] buffer = new byte[64 << 10];
    private readonly List<byte> received = [];
    private Socket? socket;

    /// <summary>Sends a request and reads its answer; the body waits for a continue where the client would.</summary>
    public async Task<WireResponse> ExchangeAsync(ReplayRequest request)
    {
        if (socket is null)
        {
            socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(endpoint.Host, endpoint.Port);
        }

        await SendAsync(Encoding.UTF8.GetBytes(request.Head));
        if (request.ExpectsContinue)
        {
            Assert.Equal("HTTP/1.1 100 Continue\r\n\r\n", await ReadHeadAsync());
            received.Clear();
        }

        await SendAsync(request.Body);
        var answer = await ReadAsync(request.IsHead);
        Assert.Equal(request.Closes, answer["Connection"] == "close");
        if (request.Closes)
            Dispose();
        return answer;
    }

    public void Dispose()
    {
        socket?.Dispose();
        socket = null;
    }

    private async Task<WireResponse> ReadAsync(bool isHead)
    {
        var head = await ReadHeadAsync();
        var status = int.Parse(head.AsSpan(9, 3), CultureInfo.InvariantCulture);
        var length = isHead || status is 204 or 304
            ? 0
            : int.Parse(
                head.Split("\r\n").Single(line => line.StartsWith("Content-Length:", StringComparison.Ordinal))[15..],
                CultureInfo.InvariantCulture);
        while (received.Count < Encoding.UTF8.GetByteCount(head) + length)
            await ReceiveAsync();
        var answer = WireResponse.Parse([.. received], isHead);
        received.Clear();
        return answer;
    }

    private async Task<string> ReadHeadAsync()
    {
        while (true)
        {
            var end = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(received).IndexOf("\r\n\r\n"u8);
            if (end >= 0)
                return Encoding.UTF8.GetString([.. received[..(end + 4)]]);
            await ReceiveAsync();
        }
    }

    private async Task ReceiveAsync()
    {
        var count = await socket!.ReceiveAsync(buffer);
        Assert.True(count > 0, "the server closed");
        received.AddRange(buffer.AsSpan(0, count));
    }

    private async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0)
            bytes = bytes[await socket!.SendAsync(bytes)..];
    }
}
