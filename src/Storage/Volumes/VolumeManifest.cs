using System.Buffers.Binary;
using Vault.Protocol.Checksums;

namespace Vault.Storage.Volumes;

/// <summary>What the manifest says of one log.</summary>
internal readonly record struct ManifestLog(
    ulong Number, bool Sealed, uint IndexGeneration, long End, ulong MinSequence, ulong MaxSequence,
    long ShardBytes, long ControlBytes, long DeadBytes, long ScrubbedAtMs, byte[] Salt);

/// <summary>
/// The file <c>MANIFEST</c>: live logs in order of sequence, and their index files. Little-endian:
/// <code>
///  0 "VAULTMF1"   8 u32 CRC-32C over bytes 12…end   12 u32 volume number   16 volume id(16)
/// 32 u64 generation   40 u64 next log number   48 u64 last durable sequence     56 u32 logs   60 u32 zero
/// 64 logs, 96 bytes each:
///     0 u64 number   8 u32 state (0 open, 1 sealed)   12 u32 index generation   16 u64 end
///    24 u64 first sequence   32 u64 last sequence   40 u64 shard bytes   48 u64 control bytes
///    56 u64 dead bytes   64 u64 scrubbed at, Unix ms   72 salt(16)   88 zeros(8)
/// </code>
/// </summary>
internal sealed record VolumeManifest(
    uint Volume, Guid Id, ulong Generation, ulong NextLog, ulong LastSequence, IReadOnlyList<ManifestLog> Logs)
{
    internal const string FileName = "MANIFEST";
    private const string TemporaryName = "MANIFEST.tmp";
    private const int HeaderBytes = 64, LogBytes = 96, MostLogs = 1 << 20;

    private static ReadOnlySpan<byte> Magic => "VAULTMF1"u8;

    public static string LogName(ulong number) => $"{number:x16}.log";

    public static string IndexName(ulong number, uint generation) => $"{number:x16}-{generation:x8}.idx";

    /// <summary>Replaces the manifest; durable when it returns.</summary>
    public void Publish(IFileLayer files, string directory)
    {
        var temporary = Path.Combine(directory, TemporaryName);
        using (var file = files.Create(temporary))
        {
            file.Write(ToArray(), 0);
            file.Sync(SyncPoint.ManifestFile);
        }

        files.Rename(temporary, Path.Combine(directory, FileName));
        files.SyncDirectory(directory, SyncPoint.ManifestName);
    }

    /// <summary>Null when the bytes are not a whole manifest.</summary>
    public static VolumeManifest? TryRead(IFileLayer files, string directory)
    {
        using var file = files.Open(Path.Combine(directory, FileName));
        if (file.Length is < HeaderBytes or > HeaderBytes + (long)LogBytes * MostLogs)
            return null;
        var bytes = new byte[file.Length];
        return file.Read(bytes, 0) == bytes.Length ? Parse(bytes) : null;
    }

    private static VolumeManifest? Parse(ReadOnlySpan<byte> bytes)
    {
        var count = BinaryPrimitives.ReadUInt32LittleEndian(bytes[56..]);
        if (!bytes.StartsWith(Magic) || count > MostLogs || bytes.Length != HeaderBytes + LogBytes * (int)count
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]) != Crc32C.Compute(bytes[12..]))
        {
            return null;
        }

        var logs = new ManifestLog[count];
        for (var i = 0; i < logs.Length; i++)
            logs[i] = ParseLog(bytes[(HeaderBytes + i * LogBytes)..]);
        return new VolumeManifest(
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]), new Guid(bytes.Slice(16, 16)),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[32..]), BinaryPrimitives.ReadUInt64LittleEndian(bytes[40..]),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[48..]), logs);
    }

    private static ManifestLog ParseLog(ReadOnlySpan<byte> at) => new(
        BinaryPrimitives.ReadUInt64LittleEndian(at), BinaryPrimitives.ReadUInt32LittleEndian(at[8..]) == 1,
        BinaryPrimitives.ReadUInt32LittleEndian(at[12..]), BinaryPrimitives.ReadInt64LittleEndian(at[16..]),
        BinaryPrimitives.ReadUInt64LittleEndian(at[24..]), BinaryPrimitives.ReadUInt64LittleEndian(at[32..]),
        BinaryPrimitives.ReadInt64LittleEndian(at[40..]), BinaryPrimitives.ReadInt64LittleEndian(at[48..]),
        BinaryPrimitives.ReadInt64LittleEndian(at[56..]), BinaryPrimitives.ReadInt64LittleEndian(at[64..]),
        at.Slice(72, LogHeader.SaltBytes).ToArray());

    private byte[] ToArray()
    {
        var bytes = new byte[HeaderBytes + LogBytes * Logs.Count];
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(12), Volume);
        Id.TryWriteBytes(bytes.AsSpan(16));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(32), Generation);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(40), NextLog);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(48), LastSequence);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(56), (uint)Logs.Count);
        for (var i = 0; i < Logs.Count; i++)
            WriteLog(bytes.AsSpan(HeaderBytes + i * LogBytes), Logs[i]);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), Crc32C.Compute(bytes.AsSpan(12)));
        return bytes;
    }

    private static void WriteLog(Span<byte> at, in ManifestLog log)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(at, log.Number);
        BinaryPrimitives.WriteUInt32LittleEndian(at[8..], log.Sealed ? 1u : 0u);
        BinaryPrimitives.WriteUInt32LittleEndian(at[12..], log.IndexGeneration);
        BinaryPrimitives.WriteInt64LittleEndian(at[16..], log.End);
        BinaryPrimitives.WriteUInt64LittleEndian(at[24..], log.MinSequence);
        BinaryPrimitives.WriteUInt64LittleEndian(at[32..], log.MaxSequence);
        BinaryPrimitives.WriteInt64LittleEndian(at[40..], log.ShardBytes);
        BinaryPrimitives.WriteInt64LittleEndian(at[48..], log.ControlBytes);
        BinaryPrimitives.WriteInt64LittleEndian(at[56..], log.DeadBytes);
        BinaryPrimitives.WriteInt64LittleEndian(at[64..], log.ScrubbedAtMs);
        log.Salt.CopyTo(at[72..]);
    }
}
