namespace Vault.Clients.Tests;

public sealed class ResticTests(ClientFixture fixture)
{
    [Theory]
    [InlineData("http")]
    [InlineData("https")]
    public async Task Restic_backs_up_checks_restores_forgets_and_prunes(string scheme)
    {
        var bucket = fixture.NewBucket("restic");
        await ResticAsync(scheme, bucket, "init");
        await ResticAsync(scheme, bucket, "backup", fixture.Corpus.Files, fixture.Corpus.Large);
        var added = Path.Combine(fixture.NewFolder("restic-added"), "more.txt");
        await File.WriteAllTextAsync(added, "more", TestContext.Current.CancellationToken);
        await ResticAsync(scheme, bucket, "backup", added);
        await ResticAsync(scheme, bucket, "check", "--read-data");
        var back = fixture.NewFolder("restic");
        await ResticAsync(scheme, bucket, "restore", "latest", "--path", fixture.Corpus.Files, "--target", back);
        fixture.Corpus.AssertSameFiles(back + fixture.Corpus.Files);
        fixture.Corpus.AssertSameLarge(back + fixture.Corpus.Large);
        await ResticAsync(scheme, bucket, "forget", "--group-by", "", "--keep-last", "1", "--prune");
        await ResticAsync(scheme, bucket, "check");
        Assert.DoesNotContain("large.bin", await ResticAsync(scheme, bucket, "ls", "latest"), StringComparison.Ordinal);
        Directory.Delete(back, recursive: true);
    }

    private Task<string> ResticAsync(string scheme, string bucket, params string[] arguments) => Tool.RunAsync(
        "restic", ["--cacert", fixture.Authority.RootPath, "--no-cache", .. arguments],
        new Dictionary<string, string>
        {
            ["RESTIC_REPOSITORY"] = $"s3:{fixture.Endpoint(scheme).ToString().TrimEnd('/')}/{bucket}",
            ["RESTIC_PASSWORD"] = "a password",
            ["AWS_ACCESS_KEY_ID"] = fixture.AccessKeyId,
            ["AWS_SECRET_ACCESS_KEY"] = fixture.SecretAccessKey,
            ["AWS_DEFAULT_REGION"] = "us-east-1",
            ["HOME"] = fixture.Directory,
        });
}
