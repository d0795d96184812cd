using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Vault.Silo.Doctor;

/// <summary>The process that serves a data directory, by what it has left there.</summary>
internal sealed class RunningProcess
{
    private readonly int pid;
    private readonly string endpoints;

    private RunningProcess(int pid, string endpoints) => (this.pid, this.endpoints) = (pid, endpoints);

    /// <summary>Null when there is none; the number of one that was killed may be another program's by now.</summary>
    public static RunningProcess? On(string directory)
    {
        try
        {
            var text = File.ReadAllText(Path.Combine(directory, "vault.pid")).Trim();
            if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var pid)) return null;
            return File.ReadAllText($"/proc/{pid}/cmdline").Contains("vault", StringComparison.Ordinal)
                ? new RunningProcess(pid, Path.Combine(directory, "endpoints.json"))
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Asks it how it is.</summary>
    public async Task<Finding> ExamineAsync(CancellationToken cancellationToken)
    {
        const string Subject = "process";
        var message = $"process {pid} serves this data directory";
        string? control = null;
        try
        {
            var where = JsonNode.Parse(await File.ReadAllTextAsync(endpoints, cancellationToken))!;
            control = (string)where["control"]!;
            message += where["s3"] is { } s3 ? $", S3 at {s3} and control at {control}" : $", control at {control}";
            using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
            using var answer = await http.GetAsync(new Uri($"{control}/readyz"), cancellationToken);
            var ready = JsonNode.Parse(await answer.Content.ReadAsStringAsync(cancellationToken))!;
            var notes = string.Join(", ", ready["readiness_warnings"]!.AsArray());
            var noted = notes.Length > 0 ? $" ({notes})" : "";
            return (bool)ready["ok"]!
                ? new Finding(Subject, Verdict.Ok, $"{message}; it is ready{noted}")
                : new Finding(
                    Subject, Verdict.Warn,
                    $"{message}; it is not ready: {string.Join(", ", ready["problems"]!.AsArray())}{noted}",
                    "its log says more");
        }
        catch (Exception e) when (e is IOException or HttpRequestException or JsonException or UriFormatException
            or NullReferenceException or InvalidOperationException
            || (e is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return new Finding(
                Subject, Verdict.Warn, $"{message}, but does not say how it is: {e.Message}",
                control is null ? "its log says why" : $"see {control}/readyz and its log");
        }
    }
}
