using Vault.S3Gateway.Tests.Wire;

namespace Vault.S3Gateway.Tests.Replay;

/// <summary>What newer clients put on the wire, byte for byte, as <c>Conversations</c> has it.</summary>
public sealed class ReplayTests(VaultFixture vault)
{
    public static TheoryData<string> Conversations => [.. Conversation.Names];

    [Theory]
    [MemberData(nameof(Conversations))]
    public async Task A_newer_client_is_understood_as_it_speaks(string name)
    {
        var values = new Dictionary<string, string> { ["bucket"] = await vault.NewBucketAsync() };
        using var connection = new ReplayConnection(vault.Client.Endpoint);
        foreach (var exchange in Conversation.Read(name))
        {
            var answer = await connection.ExchangeAsync(
                ReplayRequest.Make(vault.Client, values, exchange.Request));
            Assert.True(answer.Status == exchange.Status, $"{exchange.Title}: {answer.Status} {answer.Text}");
            Assert.Equal(16, answer["x-amz-request-id"].Length);
            foreach (var line in exchange.Expected)
                Check(exchange.Title, answer, line, values);
        }
    }

    private void Check(string title, WireResponse answer, string line, Dictionary<string, string> values)
    {
        switch (line.Split(' '))
        {
            case ["save", var name, "=", var from]:
                values[name] = From(answer, from);
                return;
            case ["=", var payload]:
                Assert.True(answer.Body.AsSpan().SequenceEqual(Payloads.Of(payload)), $"{title}: another body");
                return;
            case ["-", var header]:
                Assert.False(answer.Has(header), $"{title}: {header} is there");
                return;
            default:
                var colon = line.IndexOf(": ", StringComparison.Ordinal);
                var source = line[..colon];
                var expected = ReplayRequest.Fill(vault.Client, values, line[(colon + 2)..]);
                Assert.Equal($"{title}: {source} {expected}", $"{title}: {source} {From(answer, source)}");
                return;
        }
    }

    private static string From(WireResponse answer, string source) =>
        source[0] == '<' ? answer.Value(source[1..^1]) : answer[source];
}
