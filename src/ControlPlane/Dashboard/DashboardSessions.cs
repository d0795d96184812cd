using System.Security.Cryptography;
using System.Text;
using Vault.Protocol.Macaroons;

namespace Vault.ControlPlane.Dashboard;

/// <summary>
/// Browsers that have shown a macaroon, and what it allows. Only in this process's memory: a restart signs all out.
/// </summary>
internal sealed class DashboardSessions(TimeProvider time)
{
    /// <summary>A session ends so long after it began, used or not.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(8);

    /// <summary>One more ends the oldest.</summary>
    private const int Most = 32;

    private readonly Lock _lock = new();
    private readonly List<Session> _sessions = []; // oldest first

    /// <summary>A new session's id, which only the browser keeps.</summary>
    public string Open(VerifiedCapability capability)
    {
        var id = RandomNumberGenerator.GetHexString(64, lowercase: true);
        lock (_lock)
        {
            if (_sessions.Count == Most) _sessions.RemoveAt(0);
            _sessions.Add(new Session(Hash(id), capability, time.GetTimestamp()));
        }

        return id;
    }

    /// <summary>What the session's macaroon allows, or null when there is no such session any more.</summary>
    public VerifiedCapability? Find(string id)
    {
        var hash = Hash(id);
        VerifiedCapability? found = null;
        lock (_lock)
        {
            _sessions.RemoveAll(s => time.GetElapsedTime(s.Opened) >= Lifetime);
            foreach (var session in _sessions)
            {
                if (CryptographicOperations.FixedTimeEquals(session.Hash, hash)) found = session.Capability;
            }
        }

        return found;
    }

    /// <summary>Ends a session, if there is such a one.</summary>
    public void Close(string id)
    {
        var hash = Hash(id);
        lock (_lock) _sessions.RemoveAll(s => CryptographicOperations.FixedTimeEquals(s.Hash, hash));
    }

    private static byte[] Hash(string id) => SHA256.HashData(Encoding.UTF8.GetBytes(id));

    private sealed class Session(byte[] hash, VerifiedCapability capability, long opened)
    {
        public byte[] Hash => hash;

        public VerifiedCapability Capability => capability;

        public long Opened => opened;
    }
}
