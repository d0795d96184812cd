using System.Diagnostics;

namespace Vault.Load.Limits;

/// <summary>The raw server in a process of its own, as a real one would be.</summary>
internal sealed class RawServerProcess : IDisposable
{
    private readonly Process process;

    private RawServerProcess(Process process, Uri endpoint)
    {
        this.process = process;
        Endpoint = endpoint;
    }

    public Uri Endpoint { get; }

    public int Id => process.Id;

    public static RawServerProcess Start(int seed)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.ArgumentList.Add("kestrel");
        start.ArgumentList.Add("--seed");
        start.ArgumentList.Add(seed.ToString(System.Globalization.CultureInfo.InvariantCulture));
        var process = Process.Start(start)!;
        var address = process.StandardOutput.ReadLine()
            ?? throw new InvalidOperationException("The raw server did not start.");
        return new RawServerProcess(process, new Uri(address));
    }

    public void Dispose()
    {
        process.StandardInput.Close();
        if (!process.WaitForExit(TimeSpan.FromSeconds(5)))
            process.Kill();
        process.Dispose();
    }
}
