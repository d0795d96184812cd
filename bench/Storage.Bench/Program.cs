using System.Globalization;
using Vault.Storage.Bench;

// Question: how near do a volume's appends come to a plain file, how fast are its reads, how soon is it open again?
// Arguments: append | read | start (all without one), name=value of milliseconds, rounds, bytes, appenders, objects,
// directory; --json.
var settings = args.Where(a => a.Contains('=', StringComparison.Ordinal))
    .Select(a => a.Split('=', 2))
    .ToDictionary(a => a[0], a => a[1]);
int Setting(string name, int otherwise)
    => settings.TryGetValue(name, out var value) ? int.Parse(value, CultureInfo.InvariantCulture) : otherwise;
int[] Settings(string name, params int[] otherwise)
    => settings.ContainsKey(name) ? [Setting(name, 0)] : otherwise;

var report = new Report(Console.Out, args.Contains("--json"));
var root = Path.Combine(
    settings.GetValueOrDefault("directory", Environment.CurrentDirectory), $"storage-bench.{Environment.ProcessId}");
Directory.CreateDirectory(root);
bool Wants(string name) => args.Contains(name) || !args.Any(a => a is "append" or "read" or "start");
try
{
    if (Wants("append"))
        await AppendBench.RunAsync(
            report, root, TimeSpan.FromMilliseconds(Setting("milliseconds", 250)), Setting("rounds", 15),
            Settings("bytes", 4 << 10, 64 << 10, 1 << 20), Settings("appenders", 1, 16, 64));
    if (Wants("read"))
        await ReadBench.RunAsync(report, root, Setting("objects", 100_000));
    if (Wants("start"))
        await StartBench.RunAsync(report, root, Setting("objects", 1_000_000));
}
finally
{
    Directory.Delete(root, recursive: true);
}
