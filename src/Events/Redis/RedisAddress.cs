using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using StackExchange.Redis;

namespace Vault.Events.Redis;

/// <summary>
/// Where Redis is: <c>redis://[[user]:password@]host[:port][/database]</c>; <c>rediss</c> is TLS.
/// </summary>
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

    /// <summary>Name in Redis's access list, or null for the default user.</summary>
    public string? User { get; private init; }

    internal string? Password { get; private init; }

    private X509Certificate2? Authority { get; init; }

    /// <summary>Reads an address; the fault never repeats the password.</summary>
    /// <param name="text">The address.</param>
    /// <param name="address">What it says.</param>
    /// <param name="fault">What is wrong with it.</param>
    /// <param name="authority">PEM file with the authority that signed the server's certificate; null for those that
    /// the machine trusts.</param>
    public static bool TryParse(
        string? text, [NotNullWhen(true)] out RedisAddress? address, [NotNullWhen(false)] out string? fault,
        string? authority = null)
    {
        address = null;
        if (text is null || text.Length > MaxLength || !Uri.TryCreate(text, UriKind.Absolute, out var uri)
            || uri.Scheme is not ("redis" or "rediss") || uri.Host.Length == 0 || uri.Query.Length > 0
            || uri.Fragment.Length > 0)
        {
            fault = "it is not of the form redis://[[user]:password@]host[:port][/database]";
            return false;
        }

        if (authority is not null && uri.Scheme != "rediss")
        {
            fault = "it is not encrypted, so that no authority is asked: say rediss://";
            return false;
        }

        X509Certificate2? issuer = null;
        try
        {
            if (authority is not null) issuer = X509CertificateLoader.LoadCertificateFromFile(authority);
        }
        catch (CryptographicException)
        {
            fault = $"the file of the authority, '{authority}', cannot be read or is no PEM certificate";
            return false;
        }

        var login = uri.UserInfo.Split(':', 2).Select(Uri.UnescapeDataString).ToArray();
        if (login[0].Length > 0 && login is not [_, { Length: > 0 }])
        {
            fault = "it names a user without a password, as in redis://user:password@host";
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
            User = login[0].Length > 0 ? login[0] : null,
            Password = login is [_, { Length: > 0 } password] ? password : null,
            Authority = issuer,
        };
        return true;
    }

    /// <summary>What the library is told of it; one that cannot be connected to at once is an error.</summary>
    internal ConfigurationOptions Options()
    {
        var options = new ConfigurationOptions
        {
            EndPoints = { { Host, Port } },
            User = User,
            Password = Password,
            DefaultDatabase = Database,
            Ssl = Tls,
            SslHost = Tls ? Host : null,
            ClientName = "vault",
            ConnectRetry = 1,
            TieBreaker = "",
            ConfigurationChannel = "",
            IncludeDetailInExceptions = false, // names of records stay out of logs
        };
        if (Authority is not null) options.TrustIssuer(Authority);
        return options;
    }

    /// <summary>Host and port: what may be shown.</summary>
    public override string ToString() => $"{Host}:{Port.ToString(CultureInfo.InvariantCulture)}";
}
