using System.Diagnostics;
using System.Threading.Channels;

namespace Vault.Versions.Tests;

/// <summary>A process of one release; it ends when its input does.</summary>
internal sealed class ReleaseProcess : IDisposable
{
    private readonly Process _process;
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly List<string> _all = [];

    public ReleaseProcess(string release, string role, string table)
    {
        var folder = AppContext.BaseDirectory.Replace(
            $"{Path.DirectorySeparatorChar}Versions.Tests{Path.DirectorySeparatorChar}",
            $"{Path.DirectorySeparatorChar}Versions.{release}{Path.DirectorySeparatorChar}",
            StringComparison.Ordinal);
        Name = $"{release} {role}";
        _process = Process.Start(new ProcessStartInfo(Path.Combine(folder, $"Vault.Versions.{release}"), [role, table])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        _process.OutputDataReceived += (_, line) => Take(line.Data);
        _process.ErrorDataReceived += (_, line) => Note(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public string Name { get; }

    /// <summary>What it has said so far.</summary>
    public IReadOnlyList<string> Said
    {
        get
        {
            lock (_all)
            {
                return [.. _all];
            }
        }
    }

    public void Tell(string line) => _process.StandardInput.WriteLine(line);

    /// <summary>What was said before now is not waited for any more.</summary>
    public void ForgetLines()
    {
        while (_lines.Reader.TryRead(out _))
        {
        }
    }

    /// <summary>Waits for a line that was not waited for before.</summary>
    public async Task<string> UntilAsync(Func<string, bool> wanted, CancellationToken ct)
    {
        try
        {
            while (true)
            {
                var line = await _lines.Reader.ReadAsync(ct);
                if (wanted(line))
                {
                    return line;
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ChannelClosedException)
        {
            throw new InvalidOperationException(
                $"The {Name} did not say it. Its last lines:\n{string.Join('\n', Said.TakeLast(20))}", e);
        }
    }

    /// <summary>Ends it in good order.</summary>
    public async Task EndAsync(CancellationToken ct)
    {
        _process.StandardInput.Close();
        await UntilAsync(line => line == "end", ct);
        await _process.WaitForExitAsync(ct);
        Assert.Equal(0, _process.ExitCode);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    private void Take(string? line)
    {
        Note(line);
        _ = line is null ? _lines.Writer.TryComplete() : _lines.Writer.TryWrite(line);
    }

    private void Note(string? line)
    {
        lock (_all)
        {
            _all.AddRange(line is null ? [] : [line]);
        }
    }
}
