using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Orleans.Serialization;
using Vault.Events.Redis;
using Vault.Grains.Abstractions.Credentials;
using Vault.Protocol.Credentials;
using Vault.Protocol.Encryption;

namespace Vault.S3Gateway.Auth;

/// <summary>
/// Records of credentials that some gateway has proven within the last minute, sealed as they are in the database, and
/// sealed once more under the cluster's keys: what lies in Redis opens nothing, and nothing that others put there is
/// believed. Without Redis it knows nothing.
/// </summary>
/// <remarks>
/// sealing key number(u32) ‖ nonce(12) ‖ ciphertext ‖ tag(16), aad = "VAULT-SHARED" ‖ lookup. The plaintext is
/// Unix milliseconds(u64) ‖ CBOR of the view: docs/spec/events.md, section 4.
/// </remarks>
internal sealed class SharedCredentials(ClusterKeys keys, TimeProvider time, IServiceProvider services)
{
    private const int NonceSize = 12;
    private const int TagSize = 16;
    private const int Overhead = sizeof(uint) + NonceSize + TagSize;

    /// <summary>
    /// Whoever may write to Redis could put an old value back; it is refused when it is older than a record may become
    /// and clocks may differ. Gateways whose clocks differ more read the database.
    /// </summary>
    private static readonly TimeSpan MaxClockAge = TimeSpan.FromMinutes(2);

    private readonly RedisRecords? records = (RedisRecords?)services.GetService(typeof(RedisRecords));
    private readonly Serializer<CredentialView>? codec =
        ((Serializer?)services.GetService(typeof(Serializer)))?.GetSerializer<CredentialView>();

    /// <summary>What is known of a credential.</summary>
    public async ValueTask<SharedRead> FindAsync(CredentialLookup lookup)
    {
        if (records is null || codec is null)
            return default;
        var name = lookup.ToString();
        var read = await records.FindAsync(name);
        return new(read, read.Value is { } value && TryOpen(value, name, out var view) ? view : null);
    }

    /// <summary>
    /// Keeps a record that was read after <paramref name="read"/> and proven since. Nobody waits for it.
    /// </summary>
    public void Keep(CredentialLookup lookup, SharedRead read, CredentialView view)
    {
        if (records is null || codec is null || read.Read.AtMs == 0 || read.View is not null)
            return;
        var name = lookup.ToString();
        var (project, tenant) = (view.Project.ProjectId.Value, view.Project.TenantId.Value);
        _ = records.KeepAsync(name, project, tenant, read.Read, Seal(view, name)).AsTask();
    }

    /// <summary>Voids records of credentials, projects and tenants.</summary>
    public ValueTask DropAsync(IEnumerable<string> subjects) => records?.DropAsync(subjects) ?? default;

    private static byte[] Aad(string name) => Encoding.ASCII.GetBytes("VAULT-SHARED" + name);

    private static SecretKey Key(SecretKey sealing) => SecretKey.Derive(sealing.Bytes, [], "vault shared credential"u8);

    private byte[] Seal(CredentialView view, string name)
    {
        var body = codec!.SerializeToArray(view);
        var plain = new byte[sizeof(long) + body.Length];
        BinaryPrimitives.WriteInt64BigEndian(plain, time.GetUtcNow().ToUnixTimeMilliseconds());
        body.CopyTo(plain, sizeof(long));
        var box = new byte[plain.Length + Overhead];
        BinaryPrimitives.WriteUInt32BigEndian(box, keys.Sealing.ActiveId);
        var nonce = box.AsSpan(sizeof(uint), NonceSize);
        RandomNumberGenerator.Fill(nonce);
        using var key = Key(keys.Sealing.Active);
        using var cipher = new AesGcm(key.Bytes, TagSize);
        cipher.Encrypt(
            nonce, plain, box.AsSpan(sizeof(uint) + NonceSize, plain.Length), box.AsSpan(^TagSize..), Aad(name));
        return box;
    }

    private bool TryOpen(byte[] box, string name, [NotNullWhen(true)] out CredentialView? view)
    {
        view = null;
        if (box.Length <= Overhead + sizeof(long)
            || !keys.Sealing.TryGet(BinaryPrimitives.ReadUInt32BigEndian(box), out var sealing))
            return false;
        var plain = new byte[box.Length - Overhead];
        try
        {
            using var key = Key(sealing);
            using var cipher = new AesGcm(key.Bytes, TagSize);
            cipher.Decrypt(
                box.AsSpan(sizeof(uint), NonceSize), box.AsSpan(sizeof(uint) + NonceSize, plain.Length),
                box.AsSpan(^TagSize..), plain, Aad(name));
            var age = time.GetUtcNow().ToUnixTimeMilliseconds() - BinaryPrimitives.ReadInt64BigEndian(plain);
            if (Math.Abs(age) > MaxClockAge.TotalMilliseconds)
                return false;
            view = codec!.Deserialize(plain.AsMemory(sizeof(long)));
            return view is not null;
        }
        catch (Exception e) when (e is CryptographicException or SerializerException)
        {
            return false; // another version wrote it, or nobody of ours
        }
    }
}

/// <summary>What Redis said about a credential; <see cref="View"/> is null when nothing that can be used.</summary>
internal readonly record struct SharedRead(RedisRead Read, CredentialView? View);
