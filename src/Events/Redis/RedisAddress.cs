using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Vault.Events.Redis;

/// <summary>Where Redis is: <c>redis://[:password@]host[:port][/database]</c>; <c>rediss</c> is TLS.</summary>
public sealed class RedisAddress
{
    private const int DefaultPort = 6379;
    private const int MaxLength = 2048;

    private RedisAddress(string host, int port) => (Host, Port) = (host, port);

    /// <summary>Name or address.</summary>
    public string Host { get; }

    /// <summary>TCP port.</summary>
    public int Port { get; }

    /// <summary>Number of the logical database; wake-ups are the same in all of them.</summary>
    public int Database { get; private init; }

    /// <summary>Whether the connection is encrypted.</summary>
    public bool Tls { get; private init; }

    internal string? Password { get; private init; }

    /// <summary>Reads an address; the fault never repeats the password.</summary>
    public static bool TryParse(
        string? text, [NotNullWhen(true)] out RedisAddress? address, [NotNullWhen(false)] out string? fault)
    {
        address = null;
        if (text is null || text.Length > MaxLength || !Uri.TryCreate(text, UriKind.Absolute, out var uri)
            || uri.Scheme is not ("redis" or "rediss") || uri.Host.Length == 0 || uri.Query.Length > 0
            || uri.Fragment.Length > 0)
        {
            fault = "it is not of the form redis://[:password@]host[:port][/database]";
            return false;
        }

        var colon = uri.UserInfo.IndexOf(':', StringComparison.Ordinal);
        if (uri.UserInfo.Length > 0 && colon != 0)
        {
            fault = "it names a user, which the client library cannot send: give the default user's password alone, "
                + "as in redis://:password@host";
            return false;
        }

        var path = uri.AbsolutePath.TrimStart('/');
        var database = 0;
        if (path.Length > 0
            && (!int.TryParse(path, NumberStyles.None, CultureInfo.InvariantCulture, out database) || database > 9999))
        {
            fault = "after the slash comes the number of a database, or nothing";
            return false;
        }

        fault = null;
        address = new RedisAddress(uri.IdnHost, uri.IsDefaultPort || uri.Port <= 0 ? DefaultPort : uri.Port)
        {
            Database = database,
            Tls = uri.Scheme == "rediss",
            Password = uri.UserInfo.Length > 1 ? Uri.UnescapeDataString(uri.UserInfo[1..]) : null,
        };
        return true;
    }

    /// <summary>Host and port: what may be shown.</summary>
    public override string ToString() => $"{Host}:{Port.ToString(CultureInfo.InvariantCulture)}";
}
