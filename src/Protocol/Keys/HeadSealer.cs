using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Vault.Protocol.Encryption;
using Vault.Protocol.Ids;

namespace Vault.Protocol.Keys;

/// <summary>
/// Seals and opens the boxes of one bucket under one generation of its key: list and head boxes of versions, boxes of
/// uploads and their parts. Keeps the expanded key; safe for concurrent use; meant to be cached.
/// </summary>
/// <remarks>Byte tables: docs/spec/keys.md, section 3.</remarks>
public sealed class HeadSealer : IDisposable
{
    private readonly BoxCipher _cipher;

    /// <summary>Derives the head key of <paramref name="bucketKey"/>, which stays the caller's.</summary>
    public HeadSealer(BucketKey bucketKey) => _cipher = new BoxCipher(bucketKey);

    /// <summary>Which bucket.</summary>
    public BucketId BucketId => _cipher.BucketId;

    /// <summary>Which generation of its key.</summary>
    public uint KeyNo => _cipher.KeyNo;

    /// <summary>How many boxes this instance has sealed; see <see cref="BucketKey.MaxSeals"/>.</summary>
    public long Seals => _cipher.Seals;

    /// <summary>Which generation a box needs; false for what is no box.</summary>
    public static bool TryReadKeyNo(ReadOnlySpan<byte> box, out uint keyNo) => BoxCipher.TryReadKeyNo(box, out keyNo);

    /// <summary>Seals the list box of a version.</summary>
    public byte[] SealList(VersionId version, ObjectKey key, ListHead head) =>
        _cipher.Seal(new BoxPlace("VAULT-LIST"u8, version.Value, key.Hash), head);

    /// <summary>Opens the list box of a version; false when it is not that version's.</summary>
    public bool TryOpenList(
        ReadOnlySpan<byte> box, VersionId version, ObjectKey key, [NotNullWhen(true)] out ListHead? head) =>
        TryOpenListByHash(box, version, key.Hash, out head);

    /// <summary>The same for a key at hand only as bytes, as in listings.</summary>
    public bool TryOpenList(
        ReadOnlySpan<byte> box, VersionId version, ReadOnlySpan<byte> key, [NotNullWhen(true)] out ListHead? head)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        ShortSha256.Hash(key, hash);
        return TryOpenListByHash(box, version, hash, out head);
    }

    /// <summary>Seals the head box of a version.</summary>
    public byte[] SealHead(VersionId version, ObjectKey key, ObjectHead head) =>
        _cipher.Seal(new BoxPlace("VAULT-HEAD"u8, version.Value, key.Hash), head);

    /// <summary>Opens the head box of a version; false when it is not that version's.</summary>
    public bool TryOpenHead(
        ReadOnlySpan<byte> box, VersionId version, ObjectKey key, [NotNullWhen(true)] out ObjectHead? head)
    {
        using var plain = BoxCipher.PlaintextOf(box);
        head = null;
        return _cipher.TryOpen(box, new BoxPlace("VAULT-HEAD"u8, version.Value, key.Hash), plain.Span)
            && ObjectHead.TryDecode(plain.Memory, out head);
    }

    /// <summary>Seals what an upload keeps.</summary>
    public byte[] SealUpload(UploadId upload, ObjectKey key, UploadHead head) =>
        _cipher.Seal(new BoxPlace("VAULT-UPLOAD"u8, upload.Value, key.Hash), head);

    /// <summary>Opens what an upload keeps; false when it is not that upload's.</summary>
    public bool TryOpenUpload(
        ReadOnlySpan<byte> box, UploadId upload, ObjectKey key, [NotNullWhen(true)] out UploadHead? head)
    {
        using var plain = BoxCipher.PlaintextOf(box);
        head = null;
        return _cipher.TryOpen(box, new BoxPlace("VAULT-UPLOAD"u8, upload.Value, key.Hash), plain.Span)
            && UploadHead.TryDecode(plain.Memory, out head);
    }

    /// <summary>Seals what a part keeps, or what a completed upload answers when it is completed again.</summary>
    /// <param name="upload">The part's upload.</param>
    /// <param name="key">The upload's key.</param>
    /// <param name="partNumber">1 to 10,000; 0 for the upload's result.</param>
    /// <param name="objectId">The attempt that stored the part's body; default for the upload's result.</param>
    /// <param name="head">What to seal.</param>
    public byte[] SealPart(UploadId upload, ObjectKey key, int partNumber, ObjectId objectId, PartHead head) =>
        _cipher.Seal(new BoxPlace("VAULT-PART"u8, upload.Value, key.Hash, (uint)partNumber, objectId), head);

    /// <summary>Opens what a part keeps; false when it is not that part's and attempt's.</summary>
    public bool TryOpenPart(
        ReadOnlySpan<byte> box,
        UploadId upload,
        ObjectKey key,
        int partNumber,
        ObjectId objectId,
        [NotNullWhen(true)] out PartHead? head)
    {
        using var plain = BoxCipher.PlaintextOf(box);
        head = null;
        var place = new BoxPlace("VAULT-PART"u8, upload.Value, key.Hash, (uint)partNumber, objectId);
        return _cipher.TryOpen(box, place, plain.Span) && PartHead.TryDecode(plain.Memory, out head);
    }

    /// <summary>Wipes the head key.</summary>
    public void Dispose() => _cipher.Dispose();

    /// <summary>Never the key.</summary>
    public override string ToString() => $"head sealer {KeyNo} of {BucketId}";

    private bool TryOpenListByHash(
        ReadOnlySpan<byte> box, VersionId version, ReadOnlySpan<byte> keyHash, [NotNullWhen(true)] out ListHead? head)
    {
        using var plain = BoxCipher.PlaintextOf(box);
        head = null;
        return _cipher.TryOpen(box, new BoxPlace("VAULT-LIST"u8, version.Value, keyHash), plain.Span)
            && ListHead.TryDecode(plain.Memory, out head);
    }
}
