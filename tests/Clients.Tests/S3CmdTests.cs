namespace Vault.Clients.Tests;

public sealed class S3CmdTests(ClientFixture fixture)
{
    [Theory]
    [InlineData("http")]
    [InlineData("https")]
    public async Task S3cmd_carries_a_large_file_and_500_files_there_and_back(string scheme)
    {
        var bucket = fixture.NewBucket("s3cmd");
        await S3CmdAsync(scheme, "mb", $"s3://{bucket}");
        await S3CmdAsync(scheme, "put", fixture.Corpus.Large, $"s3://{bucket}/large.bin");
        await S3CmdAsync(scheme, "sync", fixture.Corpus.Files + "/", $"s3://{bucket}/files/");
        var back = fixture.NewFolder("s3cmd");
        Directory.CreateDirectory(Path.Combine(back, "files"));
        await S3CmdAsync(scheme, "get", $"s3://{bucket}/large.bin", Path.Combine(back, "large.bin"));
        await S3CmdAsync(scheme, "sync", $"s3://{bucket}/files/", Path.Combine(back, "files") + "/");
        fixture.Corpus.AssertSameLarge(Path.Combine(back, "large.bin"));
        fixture.Corpus.AssertSameFiles(Path.Combine(back, "files"));
        Assert.Contains("large.bin", await S3CmdAsync(scheme, "ls", $"s3://{bucket}"), StringComparison.Ordinal);
        Assert.Contains("MD5", await S3CmdAsync(scheme, "info", $"s3://{bucket}/large.bin"),
            StringComparison.OrdinalIgnoreCase);
        await S3CmdAsync(scheme, "rb", "--recursive", "--force", $"s3://{bucket}");
        Directory.Delete(back, recursive: true);
    }

    private Task<string> S3CmdAsync(string scheme, params string[] arguments)
    {
        var host = fixture.Endpoint(scheme).Authority;
        string[] common =
        [
            "--config=/dev/null", $"--host={host}", $"--host-bucket={host}",
                $"--access_key={fixture.AccessKeyId}",
            $"--secret_key={fixture.SecretAccessKey}", "--region=us-east-1", "--no-progress",
        ];
        string[] transport = scheme == "https" ? ["--ssl", $"--ca-certs={fixture.Authority.RootPath}"] : ["--no-ssl"];
        return Tool.RunAsync("s3cmd", [.. common, .. transport, .. arguments], new Dictionary<string,
            string> { ["LC_ALL"] = "C.UTF-8", ["HOME"] = fixture.Directory });
    }
}
