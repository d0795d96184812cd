using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Vault.Cli;

/// <summary>Prints an answer: JSON for scripts, aligned columns for people.</summary>
internal static class Output
{
    /// <summary>For a terminal or a script, never for HTML: characters such as + stay as they are.</summary>
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly JsonSerializerOptions Line = new(Indented) { WriteIndented = false };

    public static void Json(JsonNode value) => Console.Out.WriteLine(value.ToJsonString(Indented));

    /// <summary>One row per element, the named members as columns.</summary>
    public static void Table(JsonArray rows, params string[] columns)
    {
        var cells = new List<string[]> { columns };
        foreach (var row in rows) cells.Add(Array.ConvertAll(columns, c => row![c]?.ToString() ?? "-"));
        var widths = new int[columns.Length];
        foreach (var row in cells)
        {
            for (var i = 0; i < widths.Length; i++) widths[i] = Math.Max(widths[i], row[i].Length);
        }

        foreach (var row in cells)
        {
            var line = "";
            for (var i = 0; i < widths.Length; i++) line += row[i].PadRight(widths[i] + 2);
            Console.Out.WriteLine(line.TrimEnd());
        }
    }

    /// <summary>One member per line.</summary>
    public static void Members(JsonObject value)
    {
        foreach (var (name, member) in value)
        {
            if (name != "ok" && member is not null)
                Console.Out.WriteLine(
                    $"{name,-20} {(member is JsonValue ? member.ToString() : member.ToJsonString(Line))}");
        }
    }
}
