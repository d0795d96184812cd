using System.Globalization;
using System.Text;

namespace Vault.Cluster.Tests.Kill;

/// <summary>Lists a prefix page by page, each page through the next gateway, and notes what was there.</summary>
internal sealed class ListCaller(KillHistory history, S3Caller caller)
{
    public async Task<bool> ListAsync(int gateway, string prefix, int pageKeys)
    {
        var keys = new Dictionary<string, string?>(StringComparer.Ordinal);
        var listing = history.Keys.List($"gateway {gateway % caller.Gateways}");
        for (var token = ""; ; gateway++)
        {
            var query = string.Create(CultureInfo.InvariantCulture,
                $"?{token}list-type=2&max-keys={pageKeys}&prefix={Uri.EscapeDataString(prefix)}");
            var reply = await caller.SendRawAsync("list", gateway, "GET", $"/{caller.Bucket}{query}");
            if (reply.IsFailure) return false;
            if (!reply.IsSuccess)
            {
                caller.Unexpected($"list of {prefix}", reply);
                return true;
            }

            var text = Encoding.UTF8.GetString(reply.Body);
            foreach (var key in XmlText.Values(text, "Key"))
            {
                if (!keys.TryAdd(key, null)) history.Violated($"{key} was listed twice in a listing of {prefix}");
            }

            var next = XmlText.Value(reply.Body, "NextContinuationToken");
            if (next.Length == 0)
            {
                listing.Returned(keys, key => key.StartsWith(prefix, StringComparison.Ordinal));
                return true;
            }

            token = $"continuation-token={Uri.EscapeDataString(next)}&";
        }
    }
}
