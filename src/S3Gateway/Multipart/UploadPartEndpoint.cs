using Microsoft.Extensions.Options;
using Vault.Grains.Abstractions.Uploads;
using Vault.Protocol.Checksums;
using Vault.S3Gateway.Auth;
using Vault.S3Gateway.Http;
using Vault.S3Gateway.Objects;
using Vault.S3Gateway.Routing;

namespace Vault.S3Gateway.Multipart;

/// <summary>UploadPart.</summary>
internal sealed class UploadPartEndpoint(
    IGrainFactory grains, BodyStore bodies, PartCommit commit, Authorization authorization,
    IOptions<S3Options> options) : S3Endpoint
{
    private readonly IUploadReadGrain uploads = grains.GetGrain<IUploadReadGrain>(0);

    public override IReadOnlyList<S3Operation> Operations { get; } = [S3Operation.UploadPart];

    public override async Task HandleAsync(S3Request request)
    {
        UnsupportedHeaders.Refuse(request.Headers);
        var number = PartNumbers.Parse(request.Query["partNumber"]);
        var checks = BodyChecks.Read(request);
        using var body = RequestBody.Open(
            request, Math.Min(options.Value.MaxUploadBytes, request.Caller.Capability.MaxSize));
        using var upload = await OpenUpload.ReadAsync(request, uploads);
        upload.RequireAlgorithm(checks.Named);
        using var digest = new BodyDigest(checks.NeedsSha256, upload.Algorithm, checks.Named);
        var stored = await bodies.StoreAsync(
            body, upload.Head.Root, body.DecodedLength, digest, request.Http.RequestAborted);
        try
        {
            checks.Verify(body, digest.ETag, digest.Named, digest.Sha256);
            if (body.DecodedLength is null)
                authorization.RequireSize(request, stored.Size);
            await commit.PutAsync(request, upload, number, stored, digest);
        }
        catch (S3Exception)
        {
            await bodies.DiscardAsync(stored);
            throw;
        }

        var headers = request.Http.Response.Headers;
        var shown = PartCommit.Shown(digest, checks);
        headers.ETag = ObjectAnswer.Quoted(digest.ETag);
        headers[shown.Algorithm.HeaderName()] = shown.ToString();
        headers["x-amz-server-side-encryption"] = "AES256";
        headers.ContentLength = 0;
    }
}
