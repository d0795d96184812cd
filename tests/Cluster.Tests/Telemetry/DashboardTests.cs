using System.Diagnostics;
using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Vault.Cluster.Tests.Telemetry;

/// <summary>Dashboards and alerts ask only for what the processes of a cluster have.</summary>
[Collection(nameof(SharedCluster))]
public sealed partial class DashboardTests(SharedCluster shared)
{
    /// <summary>What an operator must be able to see of a cluster.</summary>
    private static readonly string[] Promised =
    [
        "orleans_directory_ring_size", "orleans_grains", "orleans_messaging_processing_dispatcher_processed_total",
        "orleans_messaging_pings_reply_missed_total", "orleans_client_connected_gateways",
        "orleans_app_requests_timedout_total", "orleans_messaging_rejected_total",
        "vault_grains_fence_conflicts_total", "vault_shards_call_duration_seconds_bucket",
        "vault_events_lag_seconds_bucket", "vault_repair_pending",
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = 600_000)]
    public async Task Dashboards_and_alerts_query_only_metrics_that_exist_and_show_all_that_is_promised()
    {
        using var client = shared.Cluster.Client();
        await client.CreateBucketAsync("seen", Token);
        await client.PutAsync("seen", "key", [1], Token); // grains make their instruments when they are first called
        var existing = new HashSet<string>(StringComparer.Ordinal);
        using var http = new HttpClient();
        foreach (var process in shared.Cluster.Processes.Where(p => p.Control is not null))
        {
            var text = await http.GetStringAsync(new Uri(process.Control!, "/metrics"), Token);
            await PromtoolAsync(text, "check", "metrics");
            foreach (Match type in TypeLine().Matches(text))
            {
                var name = type.Groups[1].Value;
                if (type.Groups[2].Value != "histogram") existing.Add(name);
                else existing.UnionWith([name + "_bucket", name + "_sum", name + "_count"]);
            }
        }

        // What has measured nothing yet is not told: such names come from the source, if those that are told do too.
        var declared = Declared().ToHashSet(StringComparer.Ordinal);
        Assert.Empty(existing.Where(n => n.StartsWith("vault_", StringComparison.Ordinal)).Except(declared));
        existing.UnionWith(declared);
        existing.UnionWith(OfOrleans().Where(n => !existing.Contains(n) && !existing.Contains(n + "_total"))
            .SelectMany(n => new[] { n, n + "_total" }).ToArray());

        var shown = Dashboards().SelectMany(d => Expressions(JsonNode.Parse(File.ReadAllText(d))!)).ToList();
        Assert.NotEmpty(shown);
        Assert.Empty(Promised.Except(shown.SelectMany(Names)));
        var asked = shown.Concat(AlertExpressions()).SelectMany(Names).Distinct();
        Assert.Empty(asked.Except(existing));
    }

    [Fact]
    public async Task Alerts_are_rules_that_Prometheus_takes()
    {
        var output = await PromtoolAsync(string.Join('\n', Rules()) + '\n', "check", "rules", "/dev/stdin");
        Assert.Contains($"{AlertExpressions().Count()} rules found", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Queries_of_dashboards_are_ones_that_Prometheus_takes()
    {
        var rules = new List<string> { "groups:", "- name: queries", "  rules:" };
        var number = 0;
        foreach (var query in Dashboards().SelectMany(d => Expressions(JsonNode.Parse(File.ReadAllText(d))!)))
        {
            rules.Add($"  - record: query:{number++}");
            rules.Add($"    expr: {JsonValue.Create(query.Replace("$__rate_interval", "1m", StringComparison.Ordinal))}");
        }

        await PromtoolAsync(
            string.Join('\n', rules.Select(r => r.Replace("query:", "query:q", StringComparison.Ordinal))) + '\n',
            "check", "rules", "--lint=none", "/dev/stdin");
    }

    /// <summary>What promtool says of a text, which must please it.</summary>
    private static async Task<string> PromtoolAsync(string text, params string[] arguments)
    {
        using var promtool = Process.Start(new ProcessStartInfo("promtool", arguments)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        var output = promtool.StandardOutput.ReadToEndAsync(Token);
        var error = promtool.StandardError.ReadToEndAsync(Token);
        await promtool.StandardInput.WriteAsync(text.AsMemory(), Token);
        promtool.StandardInput.Close();
        await promtool.WaitForExitAsync(Token);
        var said = await output + await error;
        Assert.True(promtool.ExitCode == 0, said);
        return said;
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Vault.sln"))) folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("not inside a checkout");
    }

    private static string Folder(string name) => Path.Combine(Root(), "k8s", name);

    /// <summary>The instruments that the source makes, as Prometheus names them.</summary>
    private static IEnumerable<string> Declared()
    {
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Root(), "src"), "*Instruments.cs",
            SearchOption.AllDirectories))
        {
            foreach (Match made in Instrument().Matches(File.ReadAllText(file)))
            {
                var name = made.Groups[2].Value.Replace('.', '_');
                var unit = made.Groups[3].Value switch { "s" => "_seconds", "By" => "_bytes", _ => "" };
                if (!name.EndsWith(unit, StringComparison.Ordinal)) name += unit;
                if (made.Groups[1].Value == "Counter") yield return name + "_total";
                else if (made.Groups[1].Value != "Histogram") yield return name;
                else foreach (var part in new[] { "_bucket", "_sum", "_count" }) yield return name + part;
            }
        }
    }

    /// <summary>
    /// The instruments of Orleans, without unit or suffix. Of those that have measured nothing only the name can be
    /// held.
    /// </summary>
    private static IEnumerable<string> OfOrleans() =>
        Assembly.Load("Orleans.Core").GetType("Orleans.Runtime.InstrumentNames") is { } names
        ? names.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)
            .Select(field => field.GetValue(null)).OfType<string>().Select(name => name.Replace('-', '_'))
        : throw new InvalidOperationException("Orleans keeps the names of its instruments elsewhere");

    private static string[] Dashboards() => Directory.GetFiles(Folder("dashboards"), "*.json");

    /// <summary>The rules as Prometheus reads them: what stands under <c>spec</c>.</summary>
    private static IEnumerable<string> Rules() => File.ReadLines(Path.Combine(Folder("alerts"), "vault.yaml"))
        .SkipWhile(line => line != "spec:").Skip(1).Select(line => line.Length > 1 ? line[2..] : line);

    private static IEnumerable<string> AlertExpressions() => Rules().Select(r => AlertExpression().Match(r))
        .Where(m => m.Success)
        .Select(m => m.Groups[1].Value is ['"', ..] text ? (string)JsonNode.Parse(text)! : m.Groups[1].Value);

    private static IEnumerable<string> Expressions(JsonNode node) => node switch
    {
        JsonObject item => item.SelectMany(p =>
            p.Key == "expr" ? [(string)p.Value!] : p.Value is null ? [] : Expressions(p.Value)),
        JsonArray items => items.Where(i => i is not null).SelectMany(i => Expressions(i!)),
        _ => [],
    };

    private static IEnumerable<string> Names(string expression) =>
        Metric().Matches(Selector().Replace(expression, "")).Select(m => m.Value);

    /// <summary>Kind, name and unit of a call that makes an instrument.</summary>
    [GeneratedRegex("""
        Create(?:Observable)?(UpDownCounter|Counter|Gauge|Histogram)(?:<\w+>)?\(\s*"(vault\.[\w.]+)",
        [^;]*?"(s|By|1|\{\w+\})"
        """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Instrument();

    [GeneratedRegex("^# TYPE ([a-zA-Z0-9_:]+) ([a-z]+)$", RegexOptions.Multiline)]
    private static partial Regex TypeLine();

    [GeneratedRegex("""^\s+expr: (.+)$""")]
    private static partial Regex AlertExpression();

    [GeneratedRegex("""\{[^}]*\}|\b(by|without|on|ignoring)\s*\([^)]*\)""")]
    private static partial Regex Selector();

    /// <summary>Any metric, of ours or of others.</summary>
    [GeneratedRegex("""\b(?!(?:e\d+)\b)[a-z][a-z0-9]*_[a-zA-Z0-9_:]+\b(?!\s*\()""")]
    private static partial Regex Metric();
}
