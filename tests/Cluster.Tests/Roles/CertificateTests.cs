using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;

namespace Vault.Cluster.Tests.Roles;

/// <summary>Silo and gateway ports speak with processes of the cluster only (docs/spec/membership.md §5).</summary>
[Collection(nameof(SharedCluster))]
public sealed class CertificateTests(SharedCluster shared)
{
    private const string BothUses = "1.3.6.1.5.5.7.3.1,1.3.6.1.5.5.7.3.2";
    private const string OtherUse = "1.3.6.1.5.5.7.3.4";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory(Timeout = 120_000)]
    [InlineData("Vault__SiloPort")]
    [InlineData("Vault__GatewayPort")]
    public async Task A_port_refuses_whoever_the_authority_does_not_vouch_for_now(string setting)
    {
        var environment = JsonNode.Parse(
            await File.ReadAllTextAsync(Path.Combine(shared.Cluster.Directory, "cluster.json"), Token))!["processes"]!
            .AsArray().First(static p => (string)p!["name"]! == "silo-1")!["environment"]!;
        var authorityFile = (string)environment["Vault__ClusterTlsAuthority"]!;
        using var authority = X509Certificate2.CreateFromPemFile(
            authorityFile, Path.ChangeExtension(authorityFile, ".key"));
        using var foreign = ForeignAuthority();
        var port = new IPEndPoint(
            IPAddress.Parse(shared.Cluster["silo-1"].Address.Host),
            int.Parse((string)environment[setting]!, CultureInfo.InvariantCulture));

        // Who is believed is greeted, or still waited for when all the others have been refused.
        var now = DateTimeOffset.UtcNow;
        using var right = Issue(authority, now.AddMinutes(-50), now.AddHours(1));
        await using var welcome = await Connection.OpenAsync(port, right);
        var greeting = welcome.ReadAsync();

        using var ended = Issue(authority, now.AddMinutes(-50), now.AddMinutes(-1));
        using var early = Issue(authority, now.AddMinutes(10), now.AddHours(1));
        using var unknown = Issue(foreign, now.AddMinutes(-50), now.AddHours(1));
        using var misused = Issue(authority, now.AddMinutes(-50), now.AddHours(1), OtherUse);
        foreach (var refused in new[] { null, ended, early, unknown, misused })
        {
            await using var connection = await Connection.OpenAsync(port, refused);
            Assert.Equal(0, await connection.ReadAsync());
        }

        using (var plain = new TcpClient())
        {
            await plain.ConnectAsync(port, Token);
            await plain.GetStream().WriteAsync("GET / HTTP/1.1\r\nHost: silo\r\n\r\n"u8.ToArray(), Token);
            while (await Connection.ReadAsync(plain.GetStream()) > 0)
            {
                // An alert.
            }
        }

        Assert.True(!greeting.IsCompleted || await greeting > 0);
        Assert.True(await shared.Cluster.IsReadyAsync("silo-1", Token));
    }

    private static X509Certificate2 ForeignAuthority()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=vault cluster authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    private static X509Certificate2 Issue(
        X509Certificate2 authority, DateTimeOffset from, DateTimeOffset to, string uses = BothUses)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=somebody", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(
            [.. uses.Split(',').Select(static use => new Oid(use))], false));
        using var signed = request.Create(authority, from, to, RandomNumberGenerator.GetBytes(16));
        using var whole = signed.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pkcs12), null);
    }

    /// <summary>A client of a port that shows a certificate, or none.</summary>
    private sealed class Connection : IAsyncDisposable
    {
        private readonly TcpClient _socket = new();
        private SslStream? _stream;

        public static async Task<Connection> OpenAsync(IPEndPoint port, X509Certificate2? certificate)
        {
            var connection = new Connection();
            await connection._socket.ConnectAsync(port, Token);
            var stream = new SslStream(connection._socket.GetStream());
            try
            {
                await stream.AuthenticateAsClientAsync(
                    new SslClientAuthenticationOptions
                    {
                        TargetHost = "vault",
                        ClientCertificates = certificate is null ? null : [certificate],
                        RemoteCertificateValidationCallback = static (_, shown, _, _) => shown is not null,
                    },
                    Token);
                connection._stream = stream;
            }
            catch (Exception e) when (e is IOException or AuthenticationException)
            {
                await stream.DisposeAsync(); // refused before it had begun
            }

            return connection;
        }

        /// <summary>What the other side says; 0 when it has closed.</summary>
        public async Task<int> ReadAsync() => _stream is null ? 0 : await ReadAsync(_stream);

        /// <summary>0 at the end, be it an alert or a reset.</summary>
        public static async Task<int> ReadAsync(Stream stream)
        {
            try
            {
                return await stream.ReadAsync(new byte[1], Token);
            }
            catch (IOException)
            {
                return 0;
            }
        }

        public async ValueTask DisposeAsync()
        {
            if (_stream is not null) await _stream.DisposeAsync();
            _socket.Dispose();
        }
    }
}
