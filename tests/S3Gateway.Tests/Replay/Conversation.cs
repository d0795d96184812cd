namespace Vault.S3Gateway.Tests.Replay;

/// <summary>One request of a conversation and what must come back.</summary>
/// <param name="Title">What the client was told to do.</param>
/// <param name="Request">Head and body with placeholders.</param>
/// <param name="Status">Status of the answer.</param>
/// <param name="Expected">Lines about the answer.</param>
internal sealed record Exchange(string Title, string Request, int Status, string[] Expected);

/// <summary>
/// A file of <c>Replay/Conversations</c>: <c>&gt;&gt; title</c>, the request as it goes over the wire,
/// <c>&lt;&lt; status</c>, then lines about the answer: <c>Header: value</c>, <c>- Header</c> (absent),
/// <c>&lt;Element&gt;: text</c>, <c>= payload</c> (its body), <c>save name = Header</c>,
/// <c>save name = &lt;Element&gt;</c>.
/// </summary>
internal static class Conversation
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Replay", "Conversations");

    public static IEnumerable<string> Names =>
        Directory.GetFiles(Folder, "*.txt").Select(path => Path.GetFileNameWithoutExtension(path)).Order();

    public static IEnumerable<Exchange> Read(string name) =>
        File.ReadAllText(Path.Combine(Folder, name + ".txt")).Split("\n>> ").Skip(1).Select(Parse);

    private static Exchange Parse(string text)
    {
        var parts = text.Split("\n<< ");
        var title = parts[0].IndexOf('\n', StringComparison.Ordinal);
        var answer = parts[1].Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return new(
            parts[0][..title], parts[0][(title + 1)..],
            int.Parse(answer[0], System.Globalization.CultureInfo.InvariantCulture), answer[1..]);
    }
}
