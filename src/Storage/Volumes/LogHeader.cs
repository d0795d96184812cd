using System.Buffers.Binary;
using System.Security.Cryptography;
using Vault.Protocol.Checksums;

namespace Vault.Storage.Volumes;

/// <summary>
/// The first 4096 bytes of a log, little-endian; records follow.
/// <code>
///   0 "VAULTLG1"   8 u32 CRC-32C over bytes 12…63   12 u32 volume number
///  16 u64 log number   24 u64 created at, Unix ms   32 salt(16)   48 zeros(16)
/// </code>
/// </summary>
internal sealed record LogHeader(uint Volume, ulong Number, long CreatedAtMs, byte[] Salt)
{
    internal const int Bytes = 4096, SaltBytes = 16;
    private const int Used = 64;

    private static ReadOnlySpan<byte> Magic => "VAULTLG1"u8;

    public static LogHeader Create(uint volume, ulong number, long nowMs) =>
        new(volume, number, nowMs, RandomNumberGenerator.GetBytes(SaltBytes));

    public byte[] ToArray()
    {
        var page = new byte[Bytes];
        Magic.CopyTo(page);
        BinaryPrimitives.WriteUInt32LittleEndian(page.AsSpan(12), Volume);
        BinaryPrimitives.WriteUInt64LittleEndian(page.AsSpan(16), Number);
        BinaryPrimitives.WriteInt64LittleEndian(page.AsSpan(24), CreatedAtMs);
        Salt.CopyTo(page, 32);
        BinaryPrimitives.WriteUInt32LittleEndian(page.AsSpan(8), Crc32C.Compute(page.AsSpan(12, Used - 12)));
        return page;
    }

    /// <summary>Null when the file does not begin with the header of a log.</summary>
    public static LogHeader? TryRead(IVolumeFile file)
    {
        Span<byte> page = stackalloc byte[Used];
        if (file.Read(page, 0) != Used || !page.StartsWith(Magic)
            || BinaryPrimitives.ReadUInt32LittleEndian(page[8..]) != Crc32C.Compute(page[12..]))
        {
            return null;
        }

        return new LogHeader(
            BinaryPrimitives.ReadUInt32LittleEndian(page[12..]),
            BinaryPrimitives.ReadUInt64LittleEndian(page[16..]),
            BinaryPrimitives.ReadInt64LittleEndian(page[24..]),
            page.Slice(32, SaltBytes).ToArray());
    }
}
