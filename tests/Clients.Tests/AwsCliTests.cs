namespace Vault.Clients.Tests;

public sealed class AwsCliTests(ClientFixture fixture)
{
    private readonly Dictionary<string, string> _environment = fixture.AwsEnvironment();

    [Theory]
    [InlineData("http")]
    [InlineData("https")]
    public async Task Aws_cli_carries_a_large_file_and_500_files_there_and_back(string scheme)
    {
        var bucket = fixture.NewBucket("awscli");
        await AwsAsync(scheme, "s3", "mb", $"s3://{bucket}");
        await AwsAsync(scheme, "s3", "cp", "--quiet", fixture.Corpus.Large, $"s3://{bucket}/large.bin");
        await AwsAsync(scheme, "s3", "sync", "--quiet", fixture.Corpus.Files, $"s3://{bucket}/files");
        var back = fixture.NewFolder("awscli");
        await AwsAsync(scheme, "s3", "cp", "--quiet", $"s3://{bucket}/large.bin", Path.Combine(back, "large.bin"));
        await AwsAsync(scheme, "s3", "sync", "--quiet", $"s3://{bucket}/files", Path.Combine(back, "files"));
        fixture.Corpus.AssertSameLarge(Path.Combine(back, "large.bin"));
        fixture.Corpus.AssertSameFiles(Path.Combine(back, "files"));
        Assert.Empty(await AwsAsync(scheme, "s3", "sync", fixture.Corpus.Files, $"s3://{bucket}/files"));
        await AwsAsync(scheme, "s3", "rb", "--force", $"s3://{bucket}");
        Directory.Delete(back, recursive: true);
    }

    [Theory]
    [InlineData("http")]
    [InlineData("https")]
    public async Task Aws_cli_goes_on_after_empty_files(string scheme)
    {
        var bucket = fixture.NewBucket("awscli");
        var folder = fixture.NewFolder("empty");
        for (var i = 0; i < 30; i++)
            await File.WriteAllBytesAsync(
                Path.Combine(folder, $"{i:d2}"), new byte[i % 3 * 2000], TestContext.Current.CancellationToken);
        await AwsAsync(scheme, "s3", "mb", $"s3://{bucket}");

        // One attempt: an answer that is misread ends in a time limit, which a second attempt would hide.
        await AwsWithAsync(
            scheme, new() { ["AWS_MAX_ATTEMPTS"] = "1" },
            "s3", "sync", "--quiet", "--cli-read-timeout", "20", folder, $"s3://{bucket}");
        Assert.Empty(await AwsAsync(scheme, "s3", "sync", folder, $"s3://{bucket}"));
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData("http")]
    [InlineData("https")]
    public async Task Aws_cli_reads_heads_copies_and_presigned_urls(string scheme)
    {
        var bucket = fixture.NewBucket("awscli");
        await AwsAsync(scheme, "s3api", "create-bucket", "--bucket", bucket);
        var file = Path.Combine(fixture.Directory, "small.txt");
        await File.WriteAllTextAsync(file, "hello", TestContext.Current.CancellationToken);
        await AwsAsync(scheme, "s3api", "put-object", "--bucket", bucket, "--key", "a b/ü.txt", "--body", file,
            "--metadata", "colour=blue", "--content-type", "text/plain");
        var head = await AwsAsync(scheme, "s3api", "head-object", "--bucket", bucket, "--key", "a b/ü.txt");
        Assert.Contains("\"colour\": \"blue\"", head, StringComparison.Ordinal);
        Assert.Contains("5d41402abc4b2a76b9719d911017c592", head, StringComparison.Ordinal);
        await AwsAsync(scheme, "s3api", "copy-object", "--bucket", bucket, "--key", "copy", "--copy-source",
            $"{bucket}/a b/ü.txt");
        var url = (await AwsAsync(scheme, "s3", "presign", $"s3://{bucket}/copy")).Trim();
        var got = await Tool.RunAsync("curl", ["--silent", "--fail", "--cacert", fixture.Authority.RootPath, url]);
        Assert.Equal("hello", got);
        var listed = await AwsAsync(scheme, "s3api", "list-objects-v2", "--bucket", bucket, "--query", "Contents[].Key",
            "--output", "text");
        Assert.Equal("a b/ü.txt\tcopy", listed.Trim());
    }

    private Task<string> AwsAsync(string scheme, params string[] arguments) => AwsWithAsync(scheme, [], arguments);

    private Task<string> AwsWithAsync(string scheme, Dictionary<string, string> further, params string[] arguments) =>
        Tool.RunAsync("aws", ["--endpoint-url", fixture.Endpoint(scheme).ToString().TrimEnd('/'), .. arguments],
            new Dictionary<string, string>([.. _environment, .. further]));
}
