using System.Diagnostics;
using Vault.Silo.Serve;

namespace Vault.Silo.Cluster;

/// <summary>Runs a program of the system to its end.</summary>
internal static class Tool
{
    /// <exception cref="SetupException">It is not there, or failed; the message has what it said.</exception>
    public static async Task RunAsync(string program, IEnumerable<string> arguments, CancellationToken ct)
    {
        var start = new ProcessStartInfo(program)
        {
            WorkingDirectory = "/", RedirectStandardError = true, RedirectStandardOutput = true,
        };
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        try
        {
            using var process = Process.Start(start)!;
            var output = process.StandardOutput.ReadToEndAsync(ct);
            var error = await process.StandardError.ReadToEndAsync(ct);
            await process.WaitForExitAsync(ct);
            await output;
            if (process.ExitCode != 0)
                throw new SetupException($"{program} failed (exit {process.ExitCode}): {error.Trim()}");
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new SetupException($"{program} cannot be run: {e.Message}");
        }
    }
}
