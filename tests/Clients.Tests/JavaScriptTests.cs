using System.Reflection;

namespace Vault.Clients.Tests;

public sealed class JavaScriptTests(ClientFixture fixture)
{
    private static string Scripts { get; } =
        typeof(JavaScriptTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(a => a.Key == "JavaScript").Value!;

    [Theory]
    [InlineData("aws-sdk.mjs", "http")]
    [InlineData("aws-sdk.mjs", "https")]
    [InlineData("minio.mjs", "http")]
    [InlineData("minio.mjs", "https")]
    public async Task A_javascript_client_carries_a_large_file_and_500_files_there_and_back(string script, string scheme)
    {
        var back = fixture.NewFolder("js");
        await Tool.RunAsync(
            "node",
            [
                Path.Combine(Scripts, script), fixture.Endpoint(scheme).ToString().TrimEnd('/'), fixture.NewBucket("js"),
                fixture.Corpus.Files, fixture.Corpus.Large, back,
            ],
            fixture.AwsEnvironment());
        fixture.Corpus.AssertSameLarge(Path.Combine(back, "large.bin"));
        fixture.Corpus.AssertSameFiles(Path.Combine(back, "files"));
        Directory.Delete(back, recursive: true);
    }
}
