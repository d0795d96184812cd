using System.Globalization;
using Vault.Testing;

namespace Vault.Cluster.Tests;

/// <summary>Reads <c>/metrics</c> as an operator's monitoring does.</summary>
internal static class Metrics
{
    /// <summary>Sum over all label sets of one metric.</summary>
    public static async Task<double> SumAsync(VaultProcess vault, string name, CancellationToken cancellationToken)
    {
        using var http = new HttpClient();
        double sum = 0;
        foreach (var line in (await http.GetStringAsync(new Uri(vault.Control, "/metrics"), cancellationToken))
            .Split('\n'))
        {
            if (!line.StartsWith(name, StringComparison.Ordinal) || line.Length <= name.Length
                || line[name.Length] is not (' ' or '{'))
                continue;
            sum += double.Parse(line.AsSpan(line.LastIndexOf(' ') + 1), CultureInfo.InvariantCulture);
        }

        return sum;
    }

    /// <summary>Asks until the condition holds; the test's own time limit ends it otherwise.</summary>
    public static async Task UntilAsync(Func<Task<bool>> condition, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(250));
        while (!await condition()) await timer.WaitForNextTickAsync(cancellationToken);
    }
}
