using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Vault.Runtime.Messaging.Tcp;

/// <summary>
/// Socket calls as Linux has them. .NET's own make a socket non-blocking and deliver through one thread for all, which
/// costs a call two more changes of threads than a thread that waits in <c>recv</c>.
/// </summary>
internal static unsafe partial class Libc
{
    public const int EINTR = 4;
    public const int EAGAIN = 11;
    public const int DontWait = 0x40;
    public const int NoSignal = 0x4000;
    public const short PollIn = 1;
    public const short PollOut = 4;

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    public static partial nint Receive(SafeSocketHandle socket, byte* bytes, nuint count, int flags);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    public static partial nint Send(SafeSocketHandle socket, byte* bytes, nuint count, int flags);

    /// <summary>Waits until the socket can be read or written.</summary>
    public static void Wait(SafeSocketHandle socket, short events)
    {
        var added = false;
        socket.DangerousAddRef(ref added);
        try
        {
            var request = new PollRequest { Socket = (int)socket.DangerousGetHandle(), Events = events };
            _ = Poll(&request, 1, -1);
        }
        finally
        {
            socket.DangerousRelease();
        }
    }

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int Poll(PollRequest* requests, nuint count, int timeoutMilliseconds);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollRequest
    {
        public int Socket;
        public short Events;
        public short Returned;
    }
}
