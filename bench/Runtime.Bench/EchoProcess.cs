using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Vault.Runtime.Bench;

/// <summary>
/// The limit: frames of as many bytes as a small call has, sent back by another process as they come, with nothing in
/// between. The other process sends back whatever has come with one write.
/// </summary>
internal static class EchoProcess
{
    private const int FrameBytes = 48;

    public static async Task RunAsync()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        Console.WriteLine(((IPEndPoint)listener.LocalEndpoint).Port);
        while (true)
        {
            var accepting = listener.AcceptSocketAsync();
            if (await Task.WhenAny(accepting, Task.Run(Console.ReadLine)) != accepting)
            {
                return;
            }

            using var socket = await accepting;
            socket.NoDelay = true;
            var buffer = new byte[64 << 10];
            while (await socket.ReceiveAsync(buffer) is > 0 and var count)
            {
                for (var sent = 0; sent < count;)
                {
                    sent += await socket.SendAsync(buffer.AsMemory(sent, count - sent));
                }
            }
        }
    }

    /// <summary>Keeps so many frames under way for a while.</summary>
    public static async Task<Figure> MeasureAsync(int port, int inFlight, double seconds)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
        {
            NoDelay = true,
        };
        await socket.ConnectAsync(IPAddress.Loopback, port);
        var output = new byte[FrameBytes * inFlight];
        var input = new byte[64 << 10];
        var times = new List<long>(1 << 20);
        var started = Stopwatch.GetTimestamp();
        var warm = started + Stopwatch.Frequency;
        var end = warm + (long)(seconds * Stopwatch.Frequency);
        var echoes = 0L;
        var filled = 0;
        await socket.SendAsync(Frames(output, inFlight));
        while (true)
        {
            filled += await socket.ReceiveAsync(input.AsMemory(filled));
            var now = Stopwatch.GetTimestamp();
            if (now >= end)
            {
                return Figure.Of($"frame echo, {inFlight} in flight", echoes / seconds, times, null).Print();
            }

            var frames = filled / FrameBytes;
            for (var i = 0; i < frames && now >= warm; i++)
            {
                times.Add(now - BinaryPrimitives.ReadInt64LittleEndian(input.AsSpan(i * FrameBytes)));
                echoes++;
            }

            input.AsSpan(frames * FrameBytes, filled - (frames * FrameBytes)).CopyTo(input);
            filled -= frames * FrameBytes;
            if (frames > 0)
            {
                await socket.SendAsync(Frames(output, frames));
            }
        }
    }

    private static ReadOnlyMemory<byte> Frames(byte[] output, int count)
    {
        var now = Stopwatch.GetTimestamp();
        for (var i = 0; i < count; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(output.AsSpan(i * FrameBytes), now);
        }

        return output.AsMemory(0, count * FrameBytes);
    }
}
