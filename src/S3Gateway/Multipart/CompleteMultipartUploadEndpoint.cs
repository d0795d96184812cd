using System.Globalization;
using Microsoft.Extensions.Options;
using Vault.Grains.Abstractions.Objects;
using Vault.Grains.Abstractions.Uploads;
using Vault.Protocol.Checksums;
using Vault.Protocol.Ids;
using Vault.Protocol.Keys;
using Vault.Protocol.Manifests;
using Vault.S3Gateway.Auth;
using Vault.S3Gateway.Http;
using Vault.S3Gateway.Objects;
using Vault.S3Gateway.Routing;

namespace Vault.S3Gateway.Multipart;

/// <summary>CompleteMultipartUpload: one transaction; a repeated one gets the answer that the first one got.</summary>
internal sealed class CompleteMultipartUploadEndpoint(
    IGrainFactory grains, HeadCommit commit, IndexGrains index, RunningReads reads, Authorization authorization,
    TimeProvider time, IOptions<S3Options> options) : S3Endpoint
{
    private const long MaxObjectBytes = 5L << 40;

    private readonly IUploadReadGrain uploads = grains.GetGrain<IUploadReadGrain>(0);

    public override IReadOnlyList<S3Operation> Operations { get; } = [S3Operation.CompleteMultipartUpload];

    public override async Task HandleAsync(S3Request request)
    {
        UnsupportedHeaders.Refuse(request.Headers);
        var conditions = WriteConditions.Read(request.Headers);
        var chosen = CompleteRequest.Parse(await ReadDocumentAsync(request));
        for (var attempt = 1; ; attempt++)
        {
            using var upload = await OpenUpload.ReadAsync(request, uploads, completedToo: true);
            if (upload.View.Completed)
            {
                await RepeatAsync(request, upload, upload.View.ResultBox, upload.View.ResultKeyNo);
                return;
            }

            var status = CommitStatus.PartsChanged;
            UploadedParts? found;
            try
            {
                found = await UploadedParts.ReadAsync(request, upload, uploads, chosen);
            }
            catch (S3Exception)
            {
                // Another Complete may have taken the parts since the upload was read: its answer is this one's too.
                using var again = await OpenUpload.ReadAsync(request, uploads, completedToo: true);
                if (!again.View.Completed)
                    throw;
                await RepeatAsync(request, again, again.View.ResultBox, again.View.ResultKeyNo);
                return;
            }

            if (found is { } parts)
            {
                var (result, answer) = await CommitAsync(request, upload, parts, conditions);
                if (result.Status == CommitStatus.Ok)
                {
                    await AnswerAsync(request, answer);
                    return;
                }

                if (result.Status == CommitStatus.AlreadyCompleted)
                {
                    await RepeatAsync(request, upload, result.ResultBox, result.ResultKeyNo);
                    return;
                }

                status = result.Status;
            }

            if (!HeadCommit.MayRetry(status, attempt))
                throw HeadCommit.Refusal(status);
        }
    }

    /// <summary>The checksum headers of this request speak of the object, not of the document.</summary>
    private async Task<ReadOnlyMemory<byte>> ReadDocumentAsync(S3Request request) =>
        await RequestDocument.ReadAsync(
            request, options.Value.MaxDocumentBytes, needsDigest: false, hasOwnChecksum: false);

    private async Task<(CommitResult Result, PartHead Answer)> CommitAsync(
        S3Request request, OpenUpload upload, UploadedParts parts, WriteConditions conditions)
    {
        var checksum = parts.Combine(upload.Algorithm, upload.Type);
        Require(request, upload, parts, checksum);
        var target = await commit.ResolveAsync(request, conditions, upload.Bucket);
        var head = new ObjectHead
        {
            Root = upload.Head.Root,
            ETag = ETag.Composite(parts.ETags),
            Checksum = checksum,
            PartListDigest = CompositeManifest.Digest(new CompositeManifest(parts.Parts).Encode()),
            PartChecksums = parts.ChecksumBytes(upload.Head.ChecksumAlgorithm),
            Headers = upload.Head.Headers,
        };
        var body = new ObjectBody
        {
            ObjectId = ObjectId.New(time.GetUtcNow()),
            GrantedAtMs = await reads.GrantAsync(CancellationToken.None),
        };
        var answer = new PartHead { ETag = head.ETag, Checksum = checksum };
        var sealer = await request.Caller.WriterAsync(target.Bucket, boxes: 1);
        var result = await index.Of(target.Bucket, request.Key).CompleteUploadAsync(
            new()
            {
                UploadId = upload.View.UploadId,
                PartsVersion = parts.PartsVersion,
                PartNumbers = [.. parts.Parts.Select(part => part.Number)],
                Head = await commit.SealAsync(request, target, head, parts.Size, body),
                ResultBox = sealer.SealPart(upload.View.UploadId, request.Key, 0, default, answer),
            },
            CancellationToken.None);
        return (result, answer);
    }

    private void Require(S3Request request, OpenUpload upload, UploadedParts parts, Checksum checksum)
    {
        if (parts.Size > MaxObjectBytes)
            throw S3Errors.EntityTooLarge.Thrown();
        authorization.RequireSize(request, parts.Size);
        if (request.Header("x-amz-mp-object-size") is { } text
            && (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var size)
                || size != parts.Size))
        {
            throw S3Errors.InvalidRequest.With($"The provided 'x-amz-mp-object-size' header value {text} does not "
                + $"match what was computed: {parts.Size}").Thrown();
        }

        if (request.Header("x-amz-checksum-type") is { } type
            && !type.Equals(upload.Type.WireName(), StringComparison.OrdinalIgnoreCase))
        {
            throw S3Errors.InvalidRequest.With($"The upload was created using the {upload.Type.WireName()} checksum "
                + $"mode. The complete request must use the same checksum mode.").Thrown();
        }

        foreach (var algorithm in ChecksumAlgorithms.All)
        {
            if (request.Header(algorithm.HeaderName()) is not { } expected)
                continue;
            upload.RequireAlgorithm(algorithm);
            if (algorithm == upload.Algorithm && expected != checksum.ToString() && expected != checksum.ToBase64())
            {
                throw S3Errors.BadDigest
                    .With($"The {algorithm.WireName()} you specified did not match the calculated checksum.").Thrown();
            }
        }
    }

    private static async Task RepeatAsync(
        S3Request request, OpenUpload upload, ReadOnlyMemory<byte> resultBox, int keyNo)
    {
        var sealer = await request.Caller.SealerAsync(upload.Bucket.BucketId, keyNo);
        if (!sealer.TryOpenPart(resultBox.Span, upload.View.UploadId, request.Key, 0, default, out var answer))
            throw S3Errors.DamagedObject.Thrown();
        await AnswerAsync(request, answer);
    }

    private static async Task AnswerAsync(S3Request request, PartHead answer)
    {
        request.Http.Response.Headers["x-amz-server-side-encryption"] = "AES256";
        using var document = new S3XmlWriter();
        document.StartDocument("CompleteMultipartUploadResult"u8);
        document.Start("Location"u8);
        document.Text($"{request.Scheme}://{request.Headers.Host}/{request.Bucket}/");
        PercentText.Append(document, request.Key.Bytes.Span);
        document.End("Location"u8);
        document.Element("Bucket"u8, request.Bucket);
        document.Element("Key"u8, request.Key.Bytes.Span);
        document.EntityTag(answer.ETag);
        ObjectAnswer.WriteChecksum(document, answer.Checksum);
        if (answer.Checksum.Type != ChecksumType.None)
            document.Element("ChecksumType"u8, answer.Checksum.Type.WireName());
        document.End("CompleteMultipartUploadResult"u8);
        await SendAsync(request, document);
    }
}
