using System.Globalization;
using System.Text.Json;

namespace Vault.Storage.Bench;

/// <summary>One line per result: text for people, JSON for scripts.</summary>
internal sealed class Report(TextWriter output, bool json)
{
    public void Line(string name, params ReadOnlySpan<(string Name, double Value)> figures)
    {
        if (json)
        {
            var fields = new Dictionary<string, object> { ["bench"] = name };
            foreach (var (figure, value) in figures)
                fields[figure] = Math.Round(value, 3);
            output.WriteLine(JsonSerializer.Serialize(fields));
            return;
        }

        output.Write(name.PadRight(36));
        foreach (var (figure, value) in figures)
            output.Write(string.Create(CultureInfo.InvariantCulture, $"  {figure} {value:0.###}"));
        output.WriteLine();
    }
}
