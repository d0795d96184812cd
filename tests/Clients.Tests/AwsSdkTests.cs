using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Amazon.S3.Transfer;

namespace Vault.Clients.Tests;

public sealed class AwsSdkTests(ClientFixture fixture)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("http")]
    [InlineData("https")]
    public async Task AwsSdk_carries_a_large_file_and_500_files_there_and_back(string scheme)
    {
        using var client = Connect(scheme);
        using var transfer = new TransferUtility(client);
        var bucket = fixture.NewBucket("net");
        await client.PutBucketAsync(bucket, Token);
        await transfer.UploadDirectoryAsync(
            new TransferUtilityUploadDirectoryRequest
            {
                BucketName = bucket, Directory = fixture.Corpus.Files, KeyPrefix = "files",
                    SearchOption = SearchOption.AllDirectories,
            },
            Token);
        await transfer.UploadAsync(fixture.Corpus.Large, bucket, "large.bin", Token);
        var back = fixture.NewFolder("net");
        await transfer.DownloadDirectoryAsync(bucket, "files/", Path.Combine(back, "files"), Token);
        await transfer.DownloadAsync(Path.Combine(back, "large.bin"), bucket, "large.bin", Token);
        fixture.Corpus.AssertSameFiles(Path.Combine(back, "files"));
        fixture.Corpus.AssertSameLarge(Path.Combine(back, "large.bin"));
        Directory.Delete(back, recursive: true);
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public async Task AwsSdk_keeps_awkward_keys_apart(string scheme, int count)
    {
        using var client = Connect(scheme);
        var bucket = fixture.NewBucket("net");
        await client.PutBucketAsync(bucket, Token);
        var keys = AwkwardKeys.Make(count);
        await Parallel.ForEachAsync(keys,
            new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = Token }, async (key, ct) =>
            await client.PutObjectAsync(new PutObjectRequest { BucketName = bucket, Key = key, ContentBody = key },
                ct));
        var listed = new List<string>();
        await foreach (var item in client.Paginators.ListObjectsV2(
            new ListObjectsV2Request { BucketName = bucket }).S3Objects.WithCancellation(Token))
        {
            listed.Add(item.Key);
        }

        var expected = keys.OrderBy(k => Convert.ToHexString(Encoding.UTF8.GetBytes(k)), StringComparer.Ordinal)
            .ToList();
        Assert.Equal(expected, listed);
        await Parallel.ForEachAsync(keys,
            new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = Token }, async (key, ct) =>
        {
            using var got = await client.GetObjectAsync(bucket, key, ct);
            using var reader = new StreamReader(got.ResponseStream);
            Assert.Equal(key, await reader.ReadToEndAsync(ct));
        });
        foreach (var batch in keys.Chunk(1000))
        {
            var deleted = await client.DeleteObjectsAsync(
                new DeleteObjectsRequest { BucketName = bucket,
                    Objects = [.. batch.Select(k => new KeyVersion { Key = k })] }, Token);
            Assert.Equal(batch.Length, deleted.DeletedObjects.Count);
        }

        await client.DeleteBucketAsync(bucket, Token);
    }

    public static TheoryData<string, int> Keys => new() { { "http", Corpus.IsLong ? 10_000 : 3_000 }, { "https", 1_000 } };

    public static TheoryData<string, int> Uploads => new()
    {
        { "http", Corpus.IsLong ? 1000 : 200 }, { "https", 20 },
    };

    [Theory]
    [MemberData(nameof(Uploads))]
    public async Task AwsSdk_completes_an_upload_of_many_parts(string scheme, int parts)
    {
        using var client = Connect(scheme);
        var bucket = fixture.NewBucket("net");
        await client.PutBucketAsync(bucket, Token);
        var upload = await client.InitiateMultipartUploadAsync(bucket, "parts", Token);
        var block = new byte[5 << 20];
        var etags = new PartETag[parts];

        // All but the last part have the smallest legal size and share their bytes: only the wire is paid for.
        await Parallel.ForEachAsync(Enumerable.Range(1, parts),
            new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = Token }, async (number, ct) =>
        {
            using var body = number == parts ? new MemoryStream(Encoding.ASCII.GetBytes("the end"))
                : new MemoryStream(block, writable: false);
            var answer = await client.UploadPartAsync(
                new UploadPartRequest { BucketName = bucket, Key = "parts", UploadId = upload.UploadId,
                    PartNumber = number, InputStream = body }, ct);
            etags[number - 1] = new PartETag(answer);
        });
        var done = await client.CompleteMultipartUploadAsync(
            new CompleteMultipartUploadRequest { BucketName = bucket, Key = "parts", UploadId = upload.UploadId,
                PartETags = [.. etags] }, Token);
        Assert.EndsWith($"-{parts}\"", done.ETag, StringComparison.Ordinal);
        var head = await client.GetObjectMetadataAsync(bucket, "parts", Token);
        Assert.Equal((parts - 1) * (long)block.Length + 7, head.ContentLength);
        using var tail = await client.GetObjectAsync(
            new GetObjectRequest { BucketName = bucket, Key = "parts",
                ByteRange = new ByteRange(head.ContentLength - 9, head.ContentLength - 1) }, Token);
        using var reader = new StreamReader(tail.ResponseStream);
        Assert.Equal("\0\0the end", await reader.ReadToEndAsync(Token));
    }

    [Theory]
    [InlineData("http")]
    [InlineData("https")]
    public async Task AwsSdk_stores_empty_and_one_byte_objects(string scheme)
    {
        using var client = Connect(scheme);
        var bucket = fixture.NewBucket("net");
        await client.PutBucketAsync(bucket, Token);
        foreach (var body in new[] { "", "x" })
        {
            var put = await client.PutObjectAsync(
                new PutObjectRequest { BucketName = bucket, Key = $"size {body.Length}", ContentBody = body }, Token);
            Assert.Equal(HttpStatusCode.OK, put.HttpStatusCode);
            using var got = await client.GetObjectAsync(bucket, $"size {body.Length}", Token);
            using var reader = new StreamReader(got.ResponseStream);
            Assert.Equal(body, await reader.ReadToEndAsync(Token));
            Assert.Equal(body.Length == 0 ? "\"d41d8cd98f00b204e9800998ecf8427e\""
                : "\"9dd4e461268c8034f5c8564e155c67a6\"", got.ETag);
        }
    }

    private AmazonS3Client Connect(string scheme)
    {
        var config = new AmazonS3Config
        {
            ServiceURL = fixture.Endpoint(scheme).ToString(),
            ForcePathStyle = true,
            AuthenticationRegion = "us-east-1",
            MaxErrorRetry = 0,
            HttpClientFactory = new TrustingFactory(fixture.Authority.RootPath),
        };
        return new AmazonS3Client(new BasicAWSCredentials(fixture.AccessKeyId, fixture.SecretAccessKey),
            config);
    }

    /// <summary>Trusts the test's authority and nothing else.</summary>
    private sealed class TrustingFactory(string rootPath) : HttpClientFactory
    {
        public override HttpClient CreateHttpClient(IClientConfig clientConfig)
        {
            var root = X509CertificateLoader.LoadCertificateFromFile(rootPath);
            var handler = new SocketsHttpHandler
            {
                SslOptions =
                {
                    CertificateChainPolicy = new X509ChainPolicy
                    {
                        TrustMode = X509ChainTrustMode.CustomRootTrust,
                        CustomTrustStore = { root },
                        RevocationMode = X509RevocationMode.NoCheck,
                    },
                },
            };
            return new HttpClient(handler) { Timeout = TimeSpan.FromMinutes(5) };
        }
    }
}
