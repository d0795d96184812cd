using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;

namespace Vault.Storage.Shards;

/// <summary>
/// The server's side of authentication: hands out sessions, each with a fresh nonce, and accepts each signed request
/// once. Bounded: whoever repeats a stranger's handshake only displaces handshakes that nobody has used yet.
/// </summary>
/// <remarks>docs/spec/shards.md, section 2.</remarks>
internal sealed class ShardSessions
{
    public const int HelloSize = ShardMac.NonceSize + ShardMac.Size;
    public const int WelcomeSize = ShardMac.SessionIdSize + ShardMac.NonceSize + ShardMac.Size;

    private const int MaxUnused = 256;
    private const int MaxUsed = 4096;

    private readonly Lock _gate = new();
    private readonly byte[] _baseKey;
    private readonly Dictionary<UInt128, ShardSession> _sessions = [];
    private readonly Queue<UInt128> _unused = new();
    private readonly Queue<UInt128> _used = new();

    public ShardSessions(byte[] baseKey) => _baseKey = baseKey;

    /// <summary>Answers a handshake; null when it was not signed with the cluster's secret.</summary>
    public byte[]? Open(ReadOnlySpan<byte> hello)
    {
        if (hello.Length != HelloSize) return null;
        var clientNonce = hello[..ShardMac.NonceSize];
        Span<byte> mac = stackalloc byte[ShardMac.Size];
        ShardMac.Hello(_baseKey, clientNonce, mac);
        if (!ShardSession.Same(mac, hello[ShardMac.NonceSize..])) return null;
        var welcome = new byte[WelcomeSize];
        var fresh = welcome.AsSpan(0, ShardMac.SessionIdSize + ShardMac.NonceSize);
        RandomNumberGenerator.Fill(fresh);
        var id = fresh[..ShardMac.SessionIdSize];
        var serverNonce = fresh[ShardMac.SessionIdSize..];
        var key = ShardMac.SessionKey(_baseKey, clientNonce, serverNonce, id);
        ShardMac.Welcome(key, clientNonce, serverNonce, welcome.AsSpan(fresh.Length));
        Add(new ShardSession(BinaryPrimitives.ReadUInt128BigEndian(id), key));
        return welcome;
    }

    /// <summary>The session and counter that a request was signed under; false for strangers and repeats.</summary>
    /// <param name="header">32 hex digits of the session, the counter, 64 hex digits of the MAC; dots between.</param>
    /// <param name="method">The request's method.</param>
    /// <param name="target">Its raw target.</param>
    /// <param name="length">Bytes of its body.</param>
    /// <param name="bodyHash">SHA-256 that the body must have; zeros without one.</param>
    /// <param name="session">The session.</param>
    /// <param name="counter">The request's counter, which the answer's MAC names.</param>
    public bool TryAccept(
        string header, string method, string target, long length, ReadOnlySpan<byte> bodyHash,
        [NotNullWhen(true)] out ShardSession? session, out ulong counter)
    {
        (session, counter) = (null, 0);
        Span<byte> id = stackalloc byte[ShardMac.SessionIdSize];
        Span<byte> sent = stackalloc byte[ShardMac.Size];
        if (!TryParse(header, id, out counter, sent)) return false;
        lock (_gate)
        {
            if (!_sessions.TryGetValue(BinaryPrimitives.ReadUInt128BigEndian(id), out session)) return false;
        }

        Span<byte> mac = stackalloc byte[ShardMac.Size];
        if (!ShardMac.TryRequest(session.Key, counter, method, target, length, bodyHash, mac)
            || !ShardSession.Same(mac, sent) || !session.Window.TryTake(counter))
        {
            session = null;
            return false;
        }

        if (!session.Confirmed) Confirm(session);
        return true;
    }

    /// <summary>Reads the header; bounds come before anything is allocated.</summary>
    internal static bool TryParse(string header, Span<byte> id, out ulong counter, Span<byte> mac)
    {
        counter = 0;
        var text = header.AsSpan();
        if (text.Length is < 99 or > 118 || text[32] != '.' || text[^65] != '.') return false;
        return Convert.FromHexString(text[..32], id, out _, out _) == System.Buffers.OperationStatus.Done
            && ulong.TryParse(text[33..^65], NumberStyles.None, CultureInfo.InvariantCulture, out counter)
            && Convert.FromHexString(text[^64..], mac, out _, out _) == System.Buffers.OperationStatus.Done;
    }

    private void Add(ShardSession session)
    {
        lock (_gate)
        {
            _sessions[session.Id] = session;
            _unused.Enqueue(session.Id);
            while (_unused.Count > MaxUnused && _unused.TryDequeue(out var oldest))
            {
                if (_sessions.TryGetValue(oldest, out var found) && !found.Confirmed) _sessions.Remove(oldest);
            }
        }
    }

    private void Confirm(ShardSession session)
    {
        lock (_gate)
        {
            if (session.Confirmed) return;
            session.Confirmed = true;
            _sessions[session.Id] = session;
            _used.Enqueue(session.Id);
            if (_used.Count > MaxUsed && _used.TryDequeue(out var oldest)) _sessions.Remove(oldest);
        }
    }
}
