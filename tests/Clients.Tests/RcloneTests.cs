namespace Vault.Clients.Tests;

public sealed class RcloneTests(ClientFixture fixture)
{
    [Theory]
    [InlineData("http")]
    [InlineData("https")]
    public async Task Rclone_copies_syncs_and_checks_a_large_file_and_500_files(string scheme)
    {
        var bucket = fixture.NewBucket("rclone");
        await RcloneAsync(scheme, bucket, "mkdir", $"vault:{bucket}");
        await RcloneAsync(scheme, bucket, "copyto", fixture.Corpus.Large, $"vault:{bucket}/large.bin");
        await RcloneAsync(scheme, bucket, "sync", fixture.Corpus.Files, $"vault:{bucket}/files");
        await RcloneAsync(scheme, bucket, "check", "--download", fixture.Corpus.Files, $"vault:{bucket}/files");
        var back = fixture.NewFolder("rclone");
        await RcloneAsync(scheme, bucket, "copyto", $"vault:{bucket}/large.bin", Path.Combine(back, "large.bin"));
        await RcloneAsync(scheme, bucket, "sync", $"vault:{bucket}/files", Path.Combine(back, "files"));
        fixture.Corpus.AssertSameLarge(Path.Combine(back, "large.bin"));
        fixture.Corpus.AssertSameFiles(Path.Combine(back, "files"));
        await RcloneAsync(scheme, bucket, "moveto", $"vault:{bucket}/large.bin", $"vault:{bucket}/moved.bin");
        Assert.Contains("moved.bin", await RcloneAsync(scheme, bucket, "lsf", $"vault:{bucket}"),
            StringComparison.Ordinal);
        await RcloneAsync(scheme, bucket, "purge", $"vault:{bucket}");
        Directory.Delete(back, recursive: true);
    }

    [Theory]
    [InlineData("http")]
    [InlineData("https")]
    public async Task Rclone_crypt_encrypts_names_and_brings_the_files_back(string scheme)
    {
        var bucket = fixture.NewBucket("rclone");
        await RcloneAsync(scheme, bucket, "mkdir", $"vault:{bucket}");
        await RcloneAsync(scheme, bucket, "sync", fixture.Corpus.Files, "crypt:");
        await RcloneAsync(scheme, bucket, "cryptcheck", fixture.Corpus.Files, "crypt:");
        var back = fixture.NewFolder("rclone");
        await RcloneAsync(scheme, bucket, "sync", "crypt:", back);
        fixture.Corpus.AssertSameFiles(back);
        Assert.DoesNotContain("folder", await RcloneAsync(scheme, bucket, "lsf", $"vault:{bucket}"),
            StringComparison.Ordinal);
        Directory.Delete(back, recursive: true);
    }

    private async Task<string> RcloneAsync(string scheme, string bucket, params string[] arguments)
    {
        var password = (await Tool.RunAsync("rclone", ["obscure", "a password"])).Trim();
        var environment = new Dictionary<string, string>
        {
            ["RCLONE_CONFIG"] = "/dev/null",
            ["RCLONE_CONFIG_VAULT_TYPE"] = "s3",
            ["RCLONE_CONFIG_VAULT_PROVIDER"] = "Other",
            ["RCLONE_CONFIG_VAULT_ENDPOINT"] = fixture.Endpoint(scheme).ToString().TrimEnd('/'),
            ["RCLONE_CONFIG_VAULT_ACCESS_KEY_ID"] = fixture.AccessKeyId,
            ["RCLONE_CONFIG_VAULT_SECRET_ACCESS_KEY"] = fixture.SecretAccessKey,
            ["RCLONE_CONFIG_CRYPT_TYPE"] = "crypt",
            ["RCLONE_CONFIG_CRYPT_REMOTE"] = $"vault:{bucket}/crypt",
            ["RCLONE_CONFIG_CRYPT_PASSWORD"] = password,
            ["HOME"] = fixture.Directory,
        };
        return await Tool.RunAsync("rclone", ["--ca-cert", fixture.Authority.RootPath, "--quiet", .. arguments],
            environment);
    }
}
