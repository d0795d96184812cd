using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Vault.Grains.Abstractions.Objects;
using Vault.Protocol.Checksums;
using Vault.Protocol.Encryption;
using Vault.Protocol.Keys;
using Vault.S3Gateway.Auth;
using Vault.S3Gateway.Http;
using Vault.S3Gateway.Routing;

namespace Vault.S3Gateway.Objects;

/// <summary>PutObject. Small bodies ride inside the commit; larger ones go to the volumes first.</summary>
internal sealed class PutObjectEndpoint(
    HeadCommit commit, BodyStore bodies, Authorization authorization, TimeProvider time, IOptions<S3Options> options)
    : S3Endpoint
{
    public override IReadOnlyList<S3Operation> Operations { get; } = [S3Operation.PutObject];

    public override async Task HandleAsync(S3Request request)
    {
        UnsupportedHeaders.Refuse(request.Headers);
        var checks = BodyChecks.Read(request);
        var conditions = WriteConditions.Read(request.Headers);
        var headers = ObjectHeaderFields.Read(request.Headers);
        using var body = RequestBody.Open(
            request, Math.Min(options.Value.MaxUploadBytes, request.Caller.Capability.MaxSize));
        using var root = SecretKey.Generate();
        var stored = body.DecodedLength <= InlineBody.MaxBytes
            ? await StoreInlineAsync(body, checks, root, (int)body.DecodedLength.Value)
            : await StoreOnVolumesAsync(request, body, checks, conditions, root);
        using var head = new ObjectHead
        {
            Root = root,
            ETag = stored.ETag,
            Checksum = stored.Checksum,
            Headers = headers,
        };
        try
        {
            await commit.PutAsync(request, head, stored.Size, stored.Body, conditions);
        }
        catch (S3Exception refused)
            when (stored.OnVolumes is not null && refused.Error != S3Errors.ConditionalRequestConflict)
        {
            await bodies.DiscardAsync(stored.OnVolumes.Value);
            throw;
        }

        Answer(request, stored.ETag, stored.Checksum);
    }

    private static void Answer(S3Request request, ETag etag, Checksum checksum)
    {
        var headers = request.Http.Response.Headers;
        headers.ETag = ObjectAnswer.Quoted(etag);
        headers["x-amz-server-side-encryption"] = "AES256";
        headers[checksum.Algorithm.HeaderName()] = checksum.ToString();
        headers["x-amz-checksum-type"] = checksum.Type.WireName();
        headers.ContentLength = 0;
    }

    private async ValueTask<Stored> StoreInlineAsync(RequestBody body, BodyChecks checks, SecretKey root, int length)
    {
        var inline = length == 0 ? [] : InlineBody.Allocate(length);
        var plaintext = length == 0 ? default : InlineBody.Plaintext(inline);
        for (var filled = 0; !body.Ended;)
            filled += await body.ReadAsync(filled < length ? plaintext[filled..] : new byte[1], CancellationToken.None);

        var (etag, checksum) = Digest(body, checks, plaintext.Span);
        if (length == 0)
            return new(etag, checksum, 0, new());
        InlineBody.Seal(inline, root, time.GetUtcNow());
        return new(etag, checksum, length, new() { Inline = inline });
    }

    private static (ETag ETag, Checksum Checksum) Digest(
        RequestBody body, in BodyChecks checks, ReadOnlySpan<byte> plaintext)
    {
        var algorithm = checks.Named == ChecksumAlgorithm.None ? ChecksumAlgorithm.Crc64Nvme : checks.Named;
        var etag = ETag.Compute(plaintext);
        Span<byte> sha256 = stackalloc byte[SHA256.HashSizeInBytes];
        if (checks.NeedsSha256)
            SHA256.HashData(plaintext, sha256);
        Checksum checksum;
        if (checks.NeedsSha256 && algorithm == ChecksumAlgorithm.Sha256)
        {
            checksum = Checksum.FullObject(algorithm, sha256);
        }
        else
        {
            using var computing = new IncrementalChecksum(algorithm);
            computing.Append(plaintext);
            checksum = computing.Finish();
        }

        checks.Verify(body, etag, checksum, sha256);
        return (etag, checksum);
    }

    private async Task<Stored> StoreOnVolumesAsync(
        S3Request request, RequestBody body, BodyChecks checks, WriteConditions conditions, SecretKey root)
    {
        await commit.CheckAsync(request, conditions);
        var algorithm = checks.Named == ChecksumAlgorithm.None ? ChecksumAlgorithm.Crc64Nvme : checks.Named;
        using var digest = new BodyDigest(checks.NeedsSha256, algorithm, checks.Named);
        var stored = await bodies.StoreAsync(
            body, root, body.DecodedLength, digest, request.Http.RequestAborted);
        try
        {
            checks.Verify(body, digest.ETag, digest.Named, digest.Sha256);
            if (body.DecodedLength is null)
                authorization.RequireSize(request, stored.Size);
        }
        catch (S3Exception)
        {
            await bodies.DiscardAsync(stored);
            throw;
        }

        return new(digest.ETag, digest.Stored, stored.Size, stored.Size == 0 ? new() : stored.Body, stored);
    }

    private readonly record struct Stored(
        ETag ETag, Checksum Checksum, long Size, ObjectBody Body, StoredBody? OnVolumes = null);
}
