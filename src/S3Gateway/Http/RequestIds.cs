using System.Security.Cryptography;

namespace Vault.S3Gateway.Http;

/// <summary>Ids of requests: 16 hex digits, unique within a process and unlikely to repeat across processes.</summary>
internal sealed class RequestIds
{
    /// <summary>
    /// An odd multiplier is a bijection on 64 bits: consecutive numbers give ids that look unrelated.
    /// </summary>
    private const ulong Spread = 0x9E37_79B9_7F4A_7C15;
    private ulong last = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8));

    /// <summary>The next id.</summary>
    public string Next() => string.Create(16, Interlocked.Increment(ref last) * Spread, static (text, value) =>
    {
        for (var i = 0; i < text.Length; i++)
        {
            text[i] = "0123456789ABCDEF"[(int)(value >> 60)];
            value <<= 4;
        }
    });
}
