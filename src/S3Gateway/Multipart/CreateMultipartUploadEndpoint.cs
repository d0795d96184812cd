using Vault.Grains.Abstractions.Buckets;
using Vault.Grains.Abstractions.Uploads;
using Vault.Protocol.Checksums;
using Vault.Protocol.Encryption;
using Vault.Protocol.Ids;
using Vault.Protocol.Keys;
using Vault.S3Gateway.Auth;
using Vault.S3Gateway.Http;
using Vault.S3Gateway.Routing;

namespace Vault.S3Gateway.Multipart;

/// <summary>
/// CreateMultipartUpload: draws the object's root and seals it with the headers that the object will have.
/// </summary>
internal sealed class CreateMultipartUploadEndpoint(IGrainFactory grains, TimeProvider time) : S3Endpoint
{
    private const int MaxAttempts = 4;

    private readonly IBucketReadGrain buckets = grains.GetGrain<IBucketReadGrain>(0);

    public override IReadOnlyList<S3Operation> Operations { get; } = [S3Operation.CreateMultipartUpload];

    public override async Task HandleAsync(S3Request request)
    {
        UnsupportedHeaders.Refuse(request.Headers);
        var (algorithm, type) = ChecksumOf(request);
        using var head = new UploadHead
        {
            Root = SecretKey.Generate(),
            ChecksumAlgorithm = algorithm,
            ChecksumType = type,
            Headers = ObjectHeaderFields.Read(request.Headers),
        };
        var id = UploadId.New(time.GetUtcNow());
        await CreateAsync(request, id, head);
        var headers = request.Http.Response.Headers;
        headers["x-amz-server-side-encryption"] = "AES256";
        if (algorithm != ChecksumAlgorithm.None)
        {
            headers["x-amz-checksum-algorithm"] = algorithm.WireName();
            headers["x-amz-checksum-type"] = type.WireName();
        }

        using var document = new S3XmlWriter();
        document.StartDocument("InitiateMultipartUploadResult"u8);
        document.Element("Bucket"u8, request.Bucket);
        document.Element("Key"u8, request.Key.Bytes.Span);
        document.Element("UploadId"u8, id.ToString());
        document.End("InitiateMultipartUploadResult"u8);
        await SendAsync(request, document);
    }

    private async Task CreateAsync(S3Request request, UploadId id, UploadHead head)
    {
        for (var attempt = 1; ; attempt++)
        {
            var bucket = Authorization.RequireBucket(
                request, await buckets.ResolveAsync(request.Bucket, CancellationToken.None));
            var sealer = await request.Caller.WriterAsync(bucket, boxes: 1);
            var status = await grains.GetGrain<IUploadGrain>(id.ToString()).CreateAsync(
                new()
                {
                    BucketId = bucket.BucketId,
                    ConfigVersion = bucket.ConfigVersion,
                    Key = request.Key.Bytes,
                    KeyNo = bucket.KeyNo,
                    UploadBox = sealer.SealUpload(id, request.Key, head),
                },
                CancellationToken.None);
            if (status == UploadStatus.Ok)
                return;
            if (status != UploadStatus.BucketChanged || attempt == MaxAttempts)
                throw UploadOutcome.Refusal(status);
        }
    }

    private static (ChecksumAlgorithm Algorithm, ChecksumType Type) ChecksumOf(S3Request request)
    {
        var named = request.Header("x-amz-checksum-algorithm");
        var typed = request.Header("x-amz-checksum-type");
        if (named is null)
        {
            return typed is null
                ? (ChecksumAlgorithm.None, ChecksumType.None)
                : throw S3Errors.InvalidRequest.With("The x-amz-checksum-type header can only be used with the "
                    + "x-amz-checksum-algorithm header.").Thrown();
        }

        var algorithm = ChecksumRequest.OfName(named);
        var type = algorithm.DefaultMultipartType();
        if (typed is not null && !ChecksumAlgorithms.TryParse(typed.ToUpperInvariant(), out type))
            throw S3Errors.InvalidRequest.With("Value for x-amz-checksum-type header is invalid.").Thrown();
        return algorithm.Allows(type)
            ? (algorithm, type)
            : throw S3Errors.InvalidRequest.With($"The {type.WireName()} checksum type cannot be used with the "
                + $"{algorithm.WireName().ToLowerInvariant()} checksum algorithm.").Thrown();
    }
}
