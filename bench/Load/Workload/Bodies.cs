using System.Buffers.Binary;
using System.IO.Hashing;
using System.Security.Cryptography;

namespace Vault.Load.Workload;

/// <summary>
/// What is written: a few different bodies with hash and checksum made beforehand, chosen by the key's number.
/// </summary>
internal sealed class Bodies
{
    private const int MaxBodies = 32;
    private const long MaxTotalBytes = 128 << 20;

    private readonly Body[] bodies;

    public Bodies(int size, int seed, int? count = null)
    {
        Size = size;
        bodies = new Body[count ?? (int)Math.Clamp(MaxTotalBytes / Math.Max(1, size), 1, MaxBodies)];
        var random = new Random(seed);
        for (var i = 0; i < bodies.Length; i++)
        {
            var bytes = GC.AllocateUninitializedArray<byte>(size);
            random.NextBytes(bytes);
            bodies[i] = new Body(bytes);
        }
    }

    public int Size { get; }

    public Body For(long index) => bodies[index % bodies.Length];
}

/// <summary>One body, its SHA-256 in hex and its CRC-32 as S3 writes it.</summary>
internal sealed class Body(byte[] bytes)
{
    public byte[] Bytes => bytes;

    public string Sha256 { get; } = Convert.ToHexStringLower(SHA256.HashData(bytes));

    public string Crc32Text { get; } = ToText(bytes);

    private static string ToText(byte[] bytes)
    {
        Span<byte> crc = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(crc, Crc32.HashToUInt32(bytes));
        return Convert.ToBase64String(crc);
    }
}
