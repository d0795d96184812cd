using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Vault.Silo.Serve;

namespace Vault.Silo.Doctor;

/// <summary>
/// <c>vault doctor</c>: looks at the machine and the settings, and says what to do about each finding.
/// </summary>
internal static class DoctorCommand
{
    /// <summary>For a terminal or a script, never for HTML.</summary>
    private static readonly JsonSerializerOptions Plain = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static Command Create()
    {
        var flags = new ServeFlags();
        var json = new Option<bool>("--json") { Description = "Print JSON" };
        var command = new Command("doctor", "Check disk, clock, database, native libraries and ports; exits 1 when "
            + "something must be mended") { json };
        flags.AddTo(command);
        command.SetAction(async (parse, cancellationToken) =>
        {
            var findings = new List<Finding>();
            var code = await Startup.GuardAsync(async () =>
            {
                var options = VaultHost.Validate(Settings(flags, parse));
                await foreach (var finding in Examination.RunAsync(options, TimeProvider.System, cancellationToken))
                    findings.Add(finding);
            });
            if (code != 0) return code;
            if (parse.GetValue(json)) Console.Out.WriteLine(Json(findings).ToJsonString(Plain));
            else findings.ForEach(Print);
            return findings.Exists(f => f.Verdict == Verdict.Fail) ? 1 : 0;
        });
        return command;
    }

    /// <summary>Those of <c>serve</c>; directories also as the verbs that call a server take them.</summary>
    private static ConfigurationManager Settings(ServeFlags flags, ParseResult parse)
    {
        var settings = flags.Settings(parse);
        foreach (var (setting, variable) in new[]
        {
            ("Vault:DataDirectory", "VAULT_DATA"), ("Vault:ConfigDirectory", "VAULT_CONFIG"),
        })
        {
            if (settings[setting] is null or ""
                && Environment.GetEnvironmentVariable(variable) is { Length: > 0 } directory)
            {
                settings[setting] = directory;
            }
        }

        return settings;
    }

    private static void Print(Finding finding)
    {
        var mark = finding.Verdict switch { Verdict.Ok => "ok  ", Verdict.Warn => "warn", _ => "FAIL" };
        Console.Out.WriteLine($"{mark}  {finding.Subject,-16} {finding.Message}");
        if (finding.Remedy is not null) Console.Out.WriteLine($"      {"",-16} -> {finding.Remedy}");
    }

    private static JsonArray Json(List<Finding> findings) => [.. findings.Select(f => new JsonObject
    {
        ["subject"] = f.Subject,
        ["verdict"] = f.Verdict switch { Verdict.Ok => "ok", Verdict.Warn => "warn", _ => "fail" },
        ["message"] = f.Message,
        ["remedy"] = f.Remedy,
    })];
}

/// <summary>How bad a finding is.</summary>
internal enum Verdict
{
    Ok,
    Warn,
    Fail,
}

/// <summary>One thing that was looked at.</summary>
internal sealed record Finding(string Subject, Verdict Verdict, string Message, string? Remedy = null);
