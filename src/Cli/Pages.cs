using System.Text.Json.Nodes;
using Vault.Client.Control;

namespace Vault.Cli;

/// <summary>Follows <c>next_cursor</c> to the end.</summary>
internal static class Pages
{
    public static async Task<JsonArray> AllAsync(
        ControlClient client, string path, string member, CancellationToken cancellationToken)
    {
        var all = new JsonArray();
        string? cursor = null;
        do
        {
            var address = cursor is null ? path : $"{path}&cursor={Uri.EscapeDataString(cursor)}";
            var page = await client.SendAsync(HttpMethod.Get, address, null, cancellationToken);
            foreach (var item in page[member]!.AsArray()) all.Add(item!.DeepClone());
            cursor = (string?)page["next_cursor"];
        }
        while (cursor is not null);
        return all;
    }
}
