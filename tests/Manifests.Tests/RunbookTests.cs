using System.Text.RegularExpressions;

namespace Vault.Manifests.Tests;

/// <summary>Commands in the runbooks name what is there: objects, folders, Secrets, settings.</summary>
public sealed partial class RunbookTests
{
    private static readonly string[] Runbooks =
        ["install", "scale", "rolling-upgrade", "losing-a-silo", "losing-postgresql", "restore"];

    [Fact]
    public async Task Commands_name_objects_that_the_manifests_make()
    {
        var rendering = await Rendering.OfAsync("k8s/overlays/production");
        var found = 0;
        foreach (var (book, command) in Commands())
        {
            foreach (Match match in ObjectName().Matches(command))
            {
                Assert.True(
                    rendering.Of(match.Groups[1].Value switch
                    {
                        "statefulset" => "StatefulSet",
                        "deployment" => "Deployment",
                        "service" => "Service",
                        _ => "Job",
                    }).Any(o => Rendering.NameOf(o) == match.Groups[2].Value),
                    $"{book}: there is no {match.Value}");
                found++;
            }

            foreach (Match match in Component().Matches(command))
            {
                Assert.Contains(
                    rendering.Vaults, w => Rendering.Label(w, "app.kubernetes.io/component") == match.Groups[1].Value);
                found++;
            }
        }

        Assert.True(found > 20);
    }

    [Fact]
    public void Paths_and_pages_are_there()
    {
        foreach (var (book, text) in Texts())
        {
            foreach (Match match in Folder().Matches(text))
                Assert.True(Path.Exists(Checkout.PathOf(match.Value.TrimEnd('/', '.'))), $"{book}: no {match.Value}");
            foreach (Match match in Page().Matches(text))
            {
                Assert.True(
                    File.Exists(Checkout.PathOf(Path.Combine("docs/runbooks", match.Groups[1].Value))),
                    $"{book}: no page {match.Value}");
            }
        }
    }

    [Fact]
    public async Task Secrets_that_pods_ask_for_are_made_at_the_installation()
    {
        var install = string.Join('\n', Commands().Where(c => c.Book == "install").Select(c => c.Command));
        foreach (var overlay in PortTests.Overlays)
        {
            var wanted = SecretReference().Matches(
                string.Concat((await Rendering.OfAsync(overlay)).Objects.Select(o => o.ToJsonString())));
            Assert.NotEmpty(wanted);
            foreach (var name in wanted.Select(m => m.Groups[1].Value).Distinct())
                Assert.Matches($@"create secret (generic|tls) {name}\b", install);
        }
    }

    [Fact]
    public void Secrets_are_made_of_files() => Assert.All(
        Commands(),
        c => Assert.False(
            c.Command.Contains("--from-literal", StringComparison.Ordinal), $"{c.Book} puts a secret into a command"));

    [Fact]
    public void Claims_are_named_as_the_stateful_set_names_them() =>
        Assert.All(
            Texts().SelectMany(t => Claim().Matches(t.Text)).Select(m => m.Value),
            claim => Assert.StartsWith("data-vault-silo", claim, StringComparison.Ordinal));

    [Fact]
    public void Metrics_to_watch_exist()
    {
        var sources = string.Concat(Directory
            .EnumerateFiles(Checkout.PathOf("src"), "*Instruments.cs", SearchOption.AllDirectories)
            .Select(File.ReadAllText));
        var names = Texts().SelectMany(t => Metric().Matches(t.Text)).Select(m => m.Groups[1].Value).ToHashSet();
        Assert.NotEmpty(names);
        Assert.All(
            names, name => Assert.Contains($"\"{name.Replace('_', '.')}\"", sources, StringComparison.Ordinal));
    }

    private static IEnumerable<(string Book, string Text)> Texts() => Runbooks.Select(
        book => (book, File.ReadAllText(Checkout.PathOf($"docs/runbooks/{book}.md"))));

    /// <summary>What stands in blocks of shell, and in the text as a command.</summary>
    private static IEnumerable<(string Book, string Command)> Commands() =>
        from text in Texts()
        from Match match in Code().Matches(text.Text)
        select (text.Book, match.Value.Replace("\\\n", " ", StringComparison.Ordinal));

    [GeneratedRegex("```sh\n.*?```|`kubectl [^`]+`", RegexOptions.Singleline)]
    private static partial Regex Code();

    [GeneratedRegex(@"\b(statefulset|deployment|service|job)[/ ](vault-[a-z0-9-]+)")]
    private static partial Regex ObjectName();

    [GeneratedRegex(@"app\.kubernetes\.io/component=([a-z0-9]+)")]
    private static partial Regex Component();

    [GeneratedRegex(@"\bk8s/[A-Za-z0-9/._-]+")]
    private static partial Regex Folder();

    [GeneratedRegex(@"\]\(([a-z-]+\.md)\)")]
    private static partial Regex Page();

    [GeneratedRegex("""(?:"secretKeyRef":\{"name":|"secretName":)"([a-z0-9-]+)""")]
    private static partial Regex SecretReference();

    [GeneratedRegex(@"\b(vault_[a-z_]+?)(?:_total)?[)[]")]
    private static partial Regex Metric();

    [GeneratedRegex(@"\bdata-vault-[a-z]+")]
    private static partial Regex Claim();
}
