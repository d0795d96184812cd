using System.Diagnostics;

namespace Vault.Runtime.Bench;

/// <summary>This program once more, as the other side; it ends when its input does.</summary>
internal sealed class ChildProcess : IDisposable
{
    private readonly Process _process;

    public ChildProcess(string what)
    {
        _process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, what)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        Greeting = _process.StandardOutput.ReadLine()
            ?? throw new InvalidOperationException($"The process '{what}' did not start.");
    }

    /// <summary>The first line it said.</summary>
    public string Greeting { get; }

    /// <summary>CPU time that it has used.</summary>
    public TimeSpan Cpu
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Tells it something and waits for its answer.</summary>
    public string? Tell(string line)
    {
        _process.StandardInput.WriteLine(line);
        _process.StandardInput.Flush();
        return _process.StandardOutput.ReadLine();
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(TimeSpan.FromSeconds(15)))
        {
            _process.Kill();
        }

        _process.Dispose();
    }
}
