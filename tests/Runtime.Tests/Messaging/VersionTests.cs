using System.Diagnostics;

namespace Vault.Runtime.Tests.Messaging;

/// <summary>
/// Two releases of the same contract, each a program of its own, talk to each other: during a rolling upgrade both are
/// in the cluster. The later one has further members, a further method and a further case.
/// </summary>
public sealed class VersionTests
{
    [Fact]
    public async Task A_later_client_and_an_earlier_silo_understand_each_other()
    {
        using var silo = new Program("Old", "silo");
        var seed = await silo.Output.ReadLineAsync();

        var said = await CallAsync("New", seed!);

        Assert.Equal("Placed", said["before"]);
        Assert.Equal("2 tea by ?: ", said["place"]);
        Assert.Contains("tea", said["tell"], StringComparison.Ordinal);
        Assert.Equal("understood 2 tea by ?: ", said["ask"]);
        Assert.StartsWith("! SerializerException:", said["tell-new-case"], StringComparison.Ordinal);
        Assert.StartsWith("! OrleansException:", said["cancel"], StringComparison.Ordinal);
        Assert.Contains("knows no method 'Cancel' of grain interface 'versions.order'", said["cancel"],
            StringComparison.Ordinal);
        Assert.Equal("2 tea by ?: ", said["after"]);
        Assert.Equal("Placed", said["last"]);
    }

    [Fact]
    public async Task An_earlier_client_and_a_later_silo_understand_each_other()
    {
        using var silo = new Program("New", "silo");
        var seed = await silo.Output.ReadLineAsync();
        var later = await CallAsync("New", seed!);
        Assert.Equal("2 tea by ann: soon, placed", later["place"]);
        Assert.Equal("Cancelled", later["last"]);

        var said = await CallAsync("Old", seed!);

        Assert.StartsWith("! SerializerException:", said["before"], StringComparison.Ordinal);
        Assert.Equal("2 tea", said["place"]);
        Assert.Contains("tea", said["tell"], StringComparison.Ordinal);
        Assert.Equal("understood 2 tea", said["ask"]);
        Assert.Equal("2 tea", said["after"]);
        Assert.Equal("Placed", said["last"]);
    }

    private static async Task<Dictionary<string, string>> CallAsync(string release, string seed)
    {
        using var client = new Program(release, "client", seed);
        var output = await client.Output.ReadToEndAsync();
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries).ToDictionary(
            line => line[..line.IndexOf(' ', StringComparison.Ordinal)],
            line => line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..]
                .Replace("= ", "", StringComparison.Ordinal));
    }

    /// <summary>A process of one release; it ends when its input does.</summary>
    private sealed class Program : IDisposable
    {
        private readonly Process _process;

        public Program(string release, params string[] arguments)
        {
            var folder = AppContext.BaseDirectory.Replace(
                $"{Path.DirectorySeparatorChar}Runtime.Tests{Path.DirectorySeparatorChar}",
                $"{Path.DirectorySeparatorChar}Runtime.Versions.{release}{Path.DirectorySeparatorChar}",
                StringComparison.Ordinal);
            var program = Path.Combine(folder, $"Vault.Runtime.Versions.{release}");
            _process = Process.Start(new ProcessStartInfo(program, arguments)
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            })!;
        }

        public StreamReader Output => _process.StandardOutput;

        public void Dispose()
        {
            _process.StandardInput.Close();
            if (!_process.WaitForExit(TimeSpan.FromSeconds(20)))
            {
                _process.Kill();
            }

            _process.Dispose();
        }
    }
}
