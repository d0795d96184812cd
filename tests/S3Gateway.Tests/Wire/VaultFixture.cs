using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Vault.S3Gateway.Tests.Wire;
using Vault.Testing;

[assembly: AssemblyFixture(typeof(VaultFixture))]

namespace Vault.S3Gateway.Tests.Wire;

/// <summary>One real <c>vault</c> process for all tests of this assembly; each test makes its own bucket.</summary>
public sealed class VaultFixture : IAsyncLifetime
{
    private VaultProcess? process;
    private WireClient? client;
    private int buckets;

    public VaultProcess Process => process ?? throw new InvalidOperationException("not started");

    public WireClient Client => client ?? throw new InvalidOperationException("not started");

    public async ValueTask InitializeAsync()
    {
        process = await VaultProcess.StartAsync(settings: new Dictionary<string, string>
        {
            ["S3__Domains__0"] = "s3.vault.test",
            ["S3__FailedAuthenticationsPerMinute"] = "0",
            ["S3__CredentialCache"] = "00:00:00",
            ["S3__TrustedProxies__0"] = "127.0.0.0/8",
            ["S3__TrustedProxies__1"] = "2001:db8::1",
        });
        client = new(process.S3, process.AccessKeyId, process.SecretAccessKey);
    }

    public async ValueTask DisposeAsync()
    {
        if (process is not null)
            await process.DisposeAsync();
    }

    /// <summary>A new, empty bucket.</summary>
    public async Task<string> NewBucketAsync()
    {
        var name = string.Create(CultureInfo.InvariantCulture,
            $"bucket-{Interlocked.Increment(ref buckets)}-{Guid.NewGuid():N}")[..40];
        (await Client.SendAsync("PUT", $"/{name}")).Expect(200);
        return name;
    }

    /// <summary>A new bucket with objects that hold their own names.</summary>
    public async Task<string> NewBucketAsync(params string[] keys)
    {
        var bucket = await NewBucketAsync();
        foreach (var key in keys)
            (await Client.SendAsync("PUT", S3TestClient.Target(bucket, key), Encoding.UTF8.GetBytes(key))).Expect(200);
        return bucket;
    }

    /// <summary>The MD5 of bytes, as entity tags and Content-MD5 need it.</summary>
    [SuppressMessage("Security", "CA5351", Justification = "S3 defines entity tags as MD5.")]
    public static byte[] Md5(ReadOnlySpan<byte> bytes) => MD5.HashData(bytes);

    /// <summary>Bytes that compress badly and repeat with the seed.</summary>
    public static byte[] Bytes(int length, int seed = 1)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
