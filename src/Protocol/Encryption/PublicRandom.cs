using System.Security.Cryptography;

namespace Vault.Protocol.Encryption;

/// <summary>
/// Randomness for what is no secret: nonces, salts and ids. A call to the system's generator costs about as much for
/// 512 bytes as for 12, so each thread draws ahead. Keys never come from here.
/// </summary>
internal static class PublicRandom
{
    private static readonly ThreadLocal<Supply> Supplies = new(() => new Supply());

    /// <summary>Fills <paramref name="destination"/>, at most 64 bytes; no byte is given out twice.</summary>
    internal static void Fill(Span<byte> destination) => Supplies.Value!.Take(destination);

    private sealed class Supply
    {
        private readonly byte[] _bytes = new byte[512];
        private int _used = 512;

        internal void Take(Span<byte> destination)
        {
            if (_bytes.Length - _used < destination.Length)
            {
                RandomNumberGenerator.Fill(_bytes);
                _used = 0;
            }

            _bytes.AsSpan(_used, destination.Length).CopyTo(destination);
            _used += destination.Length;
        }
    }
}
