using System.Reflection;

namespace Vault.Clients.Tests;

public sealed class JavaScriptTests(ClientFixture fixture)
{
    private static string Scripts { get; } =
        typeof(JavaScriptTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .First(a => a.Key == "JavaScript").Value!;

    [Theory]
    [InlineData("aws-sdk.mjs", "http")]
    [InlineData("aws-sdk.mjs", "https")]
    [InlineData("minio.mjs", "http")]
    [InlineData("minio.mjs", "https")]
    public async Task A_javascript_client_carries_a_large_file_and_500_files_there_and_back(string script,
        string scheme)
    {
        var back = fixture.NewFolder("js");
        await RunAsync(
            fixture, script, scheme, fixture.NewBucket("js"), fixture.Corpus.Files, fixture.Corpus.Large, back);
        fixture.Corpus.AssertSameLarge(Path.Combine(back, "large.bin"));
        fixture.Corpus.AssertSameFiles(Path.Combine(back, "files"));
        Directory.Delete(back, recursive: true);
    }

    /// <summary>Runs a script with the endpoint and further arguments; what it said.</summary>
    public static Task<string> RunAsync(ClientFixture fixture, string script, string scheme,
        params string[] arguments) =>
        Tool.RunAsync(
            "node",
            [Path.Combine(Scripts, script), fixture.Endpoint(scheme).ToString().TrimEnd('/'), .. arguments],
            fixture.AwsEnvironment());
}
