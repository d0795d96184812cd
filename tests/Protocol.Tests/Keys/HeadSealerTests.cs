using System.Security.Cryptography;
using System.Text;
using Vault.Protocol.Cbor;
using Vault.Protocol.Checksums;
using Vault.Protocol.Encryption;
using Vault.Protocol.Ids;
using Vault.Protocol.Keys;

namespace Vault.Protocol.Tests.Keys;

public sealed class HeadSealerTests
{
    private static readonly BucketId Bucket = BucketId.New(DateTimeOffset.UnixEpoch);
    private static readonly VersionId Version = VersionId.New(DateTimeOffset.UnixEpoch);
    private static readonly UploadId Upload = UploadId.New(DateTimeOffset.UnixEpoch);
    private static readonly ObjectId Body = ObjectId.New(DateTimeOffset.UnixEpoch);

    [Fact]
    public void Head_comes_back_with_every_field()
    {
        using var sealer = Sealer();
        using var head = FullHead();
        var box = sealer.SealHead(Version, Key("a/b"), head);
        Assert.True(sealer.TryOpenHead(box, Version, Key("a/b"), out var opened));
        using (opened)
        {
            Assert.True(head.Root.FixedTimeEquals(opened.Root));
            Assert.Equal(head.ETag, opened.ETag);
            Assert.Equal(head.Checksum, opened.Checksum);
            Assert.Equal(head.PartListDigest.ToArray(), opened.PartListDigest.ToArray());
            Assert.Equal(head.PartChecksums.ToArray(), opened.PartChecksums.ToArray());
            Assert.Equal(head.Headers with { UserMetadata = [] }, opened.Headers with { UserMetadata = [] });
            Assert.Equal(head.Headers.UserMetadata.ToArray(), opened.Headers.UserMetadata.ToArray());
        }
    }

    [Fact]
    public void Head_without_optional_fields_comes_back()
    {
        using var sealer = Sealer();
        using var head = new ObjectHead { Root = SecretKey.Generate(), ETag = ETag.Compute([]) };
        var box = sealer.SealHead(Version, Key("k"), head);
        Assert.True(sealer.TryOpenHead(box, Version, Key("k"), out var opened));
        Assert.Equal(ChecksumAlgorithm.None, opened.Checksum.Algorithm);
        Assert.True(opened.PartListDigest.IsEmpty);
        Assert.Same(ObjectHeaders.Empty, opened.Headers);
        opened.Dispose();
    }

    [Fact]
    public void List_part_and_upload_boxes_come_back()
    {
        using var sealer = Sealer();
        var list = new ListHead
        {
            ETag = ETag.Compute("x"u8) with { Parts = 3 },
            ChecksumAlgorithm = ChecksumAlgorithm.Crc64Nvme,
            ChecksumType = ChecksumType.FullObject,
        };
        Assert.True(sealer.TryOpenList(sealer.SealList(Version, Key("k"), list), Version, "k"u8, out var openedList));
        Assert.Equal(list, openedList);
        var part = new PartHead { ETag = ETag.Compute("x"u8), Checksum = Sha256Of("x") };
        var partBox = sealer.SealPart(Upload, Key("k"), 7, Body, part);
        Assert.True(sealer.TryOpenPart(partBox, Upload, Key("k"), 7, Body, out var openedPart));
        Assert.Equal(part, openedPart);
        using var upload = new UploadHead
        {
            Root = SecretKey.Generate(),
            ChecksumAlgorithm = ChecksumAlgorithm.Crc32,
            ChecksumType = ChecksumType.Composite,
            Headers = new ObjectHeaders { ContentType = "image/png" },
        };
        var uploadBox = sealer.SealUpload(Upload, Key("k"), upload);
        Assert.True(sealer.TryOpenUpload(uploadBox, Upload, Key("k"), out var openedUpload));
        Assert.True(upload.Root.FixedTimeEquals(openedUpload.Root));
        Assert.Equal(upload.ChecksumAlgorithm, openedUpload.ChecksumAlgorithm);
        Assert.Equal(upload.ChecksumType, openedUpload.ChecksumType);
        Assert.Equal("image/png", openedUpload.Headers.ContentType);
        openedUpload.Dispose();
    }

    [Fact]
    public void Box_opens_in_no_other_place()
    {
        using var secret = SecretKey.Generate();
        using var sealer = new HeadSealer(new BucketKey(Bucket, 2, secret));
        using var head = FullHead();
        var box = sealer.SealHead(Version, Key("k"), head);
        Assert.False(sealer.TryOpenHead(box, Version, Key("l"), out _));
        Assert.False(sealer.TryOpenHead(box, new VersionId(Version.Value + 1), Key("k"), out _));
        Assert.False(sealer.TryOpenList(box, Version, Key("k"), out _));
        Assert.False(sealer.TryOpenUpload(box, new UploadId(Version.Value), Key("k"), out _));
        using var otherBucket = new HeadSealer(new BucketKey(new BucketId(Bucket.Value + 1), 2, secret));
        Assert.False(otherBucket.TryOpenHead(box, Version, Key("k"), out _));
        using var otherGeneration = new HeadSealer(new BucketKey(Bucket, 3, secret));
        Assert.False(otherGeneration.TryOpenHead(box, Version, Key("k"), out _));
        box[4] = 3;
        Assert.False(otherGeneration.TryOpenHead(box, Version, Key("k"), out _));
        var part = sealer.SealPart(Upload, Key("k"), 1, Body, new PartHead { ETag = ETag.Compute([]) });
        Assert.False(sealer.TryOpenPart(part, Upload, Key("k"), 2, Body, out _));
        Assert.False(sealer.TryOpenPart(part, Upload, Key("k"), 1, new ObjectId(Body.Value + 1), out _));
        Assert.False(sealer.TryOpenPart(part, Upload, Key("k"), 0, default, out _));
        var result = sealer.SealPart(Upload, Key("k"), 0, default, new PartHead { ETag = ETag.Compute([]) });
        Assert.True(sealer.TryOpenPart(result, Upload, Key("k"), 0, default, out _));
        Assert.False(sealer.TryOpenPart(result, Upload, Key("k"), 1, default, out _));
    }

    [Fact]
    public void Any_altered_or_missing_byte_is_noticed()
    {
        using var sealer = Sealer();
        using var head = FullHead();
        var box = sealer.SealHead(Version, Key("k"), head);
        for (var at = 0; at < box.Length; at++)
        {
            box[at] ^= 1;
            Assert.False(sealer.TryOpenHead(box, Version, Key("k"), out _));
            box[at] ^= 1;
        }

        for (var length = 0; length < box.Length; length += 11)
        {
            Assert.False(sealer.TryOpenHead(box.AsSpan(0, length), Version, Key("k"), out _));
        }

        Assert.True(HeadSealer.TryReadKeyNo(box, out var keyNo));
        Assert.Equal(sealer.KeyNo, keyNo);
        Assert.False(HeadSealer.TryReadKeyNo(box.AsSpan(0, 20), out _));
    }

    [Fact]
    public void Format_of_a_box_stays_as_documented()
    {
        var bucketKey = new BucketKey(
            new BucketId(0x01), 9, SecretKey.FromBytes(Enumerable.Range(0, 32).Select(i => (byte)i).ToArray()));
        using var cipher = new BoxCipher(bucketKey);
        var list = new ListHead { ETag = new ETag(0x0a, 0) };
        var nonce = Enumerable.Repeat((byte)0xee, 12).ToArray();
        var keyHash = SHA256.HashData("key"u8);
        var box = cipher.Seal(new BoxPlace("VAULT-LIST"u8, new UInt128(0, 0x02), keyHash), list, nonce);

        byte[] plain = [0xa1, 0x01, 0x82, 0x50, .. new byte[15], 0x0a, 0x00];
        byte[] aad =
        [
            .. "VAULT-LIST"u8, .. new byte[15], 0x01, 0, 0, 0, 9, .. new byte[15], 0x02, .. keyHash,
        ];
        var headKey = HKDF.DeriveKey(
            HashAlgorithmName.SHA256, bucketKey.Key.Bytes.ToArray(), 32,
            info: Encoding.ASCII.GetBytes("vault object head"));
        var (ciphertext, tag) = (new byte[plain.Length], new byte[16]);
        using var aes = new AesGcm(headKey, 16);
        aes.Encrypt(nonce, plain, ciphertext, tag, aad);
        Assert.Equal([0x01, 0, 0, 0, 9, .. nonce, .. ciphertext, .. tag], box);
    }

    [Fact]
    public void Fields_of_a_later_version_are_passed_over()
    {
        using var head = FullHead();
        var cbor = head.Encode();
        cbor[0]++;
        byte[] later = [.. cbor, 0x18, 0x63, 0x82, 0x01, 0x61, 0x61];
        Assert.True(ObjectHead.TryDecode(later, out var opened));
        Assert.Equal(head.ETag, opened.ETag);
        Assert.False(ObjectHead.TryDecode((byte[])[.. cbor, 0x05, 0xa0], out _));
        Assert.False(ObjectHead.TryDecode((byte[])[.. head.Encode(), 0x00], out _));
    }

    [Fact]
    public void Hostile_plaintexts_neither_throw_nor_take_memory()
    {
        using var head = FullHead();
        Fuzz.Mutations([head.Encode()], input =>
        {
            if (ObjectHead.TryDecode(input, out var opened))
            {
                opened.Dispose();
            }

            ListHead.TryDecode(input, out _);
            PartHead.TryDecode(input, out _);
            if (UploadHead.TryDecode(input, out var upload))
            {
                upload.Dispose();
            }
        });
    }

    /// <summary>List heads have a reading of their own, which may see nothing that the library does not.</summary>
    [Fact]
    public void List_heads_are_read_as_the_library_reads_them()
    {
        var usual = 0;
        byte[][] heads =
        [
            .. from parts in (int[])[0, 1, 23, 24, 255, 256, 10_000]
               from algorithm in Enum.GetValues<ChecksumAlgorithm>()
               select Encoded(new ListHead
               {
                   ETag = ETag.Compute([(byte)parts]) with { Parts = parts },
                   ChecksumAlgorithm = algorithm,
                   ChecksumType = algorithm == ChecksumAlgorithm.None ? ChecksumType.None : ChecksumType.Composite,
               }),
        ];
        Array.ForEach(heads, Same);
        Fuzz.Mutations(heads, Same);
        Assert.InRange(usual, 100, int.MaxValue);

        void Same(byte[] cbor)
        {
            var read = ListHead.TryDecode(cbor, out var head);
            Assert.Equal(ListHead.TryRead(cbor, out var byLibrary), read);
            Assert.Equal(byLibrary, head);
            usual += read ? 1 : 0;
        }

        static byte[] Encoded(ListHead head)
        {
            var writer = CborFormat.Writer(32);
            ((IHeadRecord)head).WriteTo(writer);
            return writer.Encode();
        }
    }

    [Fact]
    public void One_sealer_serves_many_threads()
    {
        using var sealer = Sealer();
        Parallel.For(0, 4000, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
        {
            var list = new ListHead { ETag = new ETag((UInt128)i, 0) };
            var box = sealer.SealList(Version, Key($"{i}"), list);
            Assert.True(sealer.TryOpenList(box, Version, Key($"{i}"), out var opened));
            Assert.Equal(list, opened);
        });
        Assert.Equal(4000, sealer.Seals);
    }

    [Fact]
    public void Nothing_secret_prints()
    {
        using var sealer = Sealer();
        using var head = FullHead();
        Assert.Equal(nameof(ObjectHead), head.ToString());
        Assert.Equal("(secret key)", head.Root.ToString());
        Assert.Equal(nameof(ObjectHeaders), head.Headers.ToString());
        Assert.Equal($"head sealer 1 of {Bucket}", sealer.ToString());
    }

    private static HeadSealer Sealer()
    {
        using var key = BucketKey.Generate(Bucket, 1);
        return new HeadSealer(key);
    }

    private static ObjectKey Key(string text) =>
        ObjectKey.TryParse(text, out var key) ? key : throw new ArgumentException(text);

    private static Checksum Sha256Of(string text) =>
        Checksum.FullObject(ChecksumAlgorithm.Sha256, SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static ObjectHead FullHead() => new()
    {
        Root = SecretKey.Generate(),
        ETag = ETag.Compute("body"u8) with { Parts = 10_000 },
        Checksum = Checksum.Composite(ChecksumAlgorithm.Sha256, [Sha256Of("a"), Sha256Of("b")]),
        PartListDigest = SHA256.HashData("parts"u8),
        PartChecksums = SHA256.HashData("checksums"u8),
        Headers = new ObjectHeaders
        {
            ContentType = "text/plain; charset=utf-8",
            ContentEncoding = "gzip",
            CacheControl = "no-cache",
            ContentDisposition = "attachment; filename=\"ü\"",
            ContentLanguage = "de",
            Expires = "Wed, 21 Oct 2015 07:28:00 GMT",
            WebsiteRedirectLocation = "/elsewhere",
            UserMetadata = [new("b", "2"), new("a", "1"), new("b", "")],
        },
    };
}
