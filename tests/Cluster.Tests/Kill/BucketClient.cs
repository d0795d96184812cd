using System.Globalization;

namespace Vault.Cluster.Tests.Kill;

/// <summary>
/// Makes buckets, reads their settings, uses and deletes them, each request through the next gateway: what one has
/// acknowledged the other sees.
/// </summary>
internal sealed class BucketClient(
    KillHistory history, S3Caller caller, int name, int seed, TimeSpan pace) : LoadClient(seed, pace)
{
    private static readonly (string Query, int Status)[] Settings =
    [
        ("?location=", 200), ("?versioning=", 200), ("?acl=", 200), ("?encryption=", 200), ("?policy=", 404),
        ("?tagging=", 404),
    ];

    private int _next;

    protected override async Task<bool> StepAsync()
    {
        var number = _next++;
        var bucket = string.Create(CultureInfo.InvariantCulture, $"/made-{name}-{number}");
        var gateway = number;
        var (query, status) = Settings[number % Settings.Length];
        return await AskAsync(gateway, "PUT", bucket, 200)
            && await AskAsync(gateway + 1, "HEAD", bucket, 200)
            && await AskAsync(gateway + 1, "GET", bucket + query, status)
            && await AskAsync(gateway + 1, "PUT", bucket + "/key", 200)
            && await AskAsync(gateway, "DELETE", bucket, 409)
            && await AskAsync(gateway, "DELETE", bucket + "/key", 204)
            && await AskAsync(gateway, "DELETE", bucket, 204)
            && await AskAsync(gateway + 1, "PUT", bucket + "/key", 404)
            && await AskAsync(gateway + 1, "GET", bucket + "/key", 404)
            && await AskAsync(gateway + 1, "HEAD", bucket, 404);
    }

    private async Task<bool> AskAsync(int gateway, string method, string target, int expected)
    {
        var body = method == "PUT" ? new byte[target.EndsWith("/key", StringComparison.Ordinal) ? 5000 : 0] : null;
        var reply = await caller.SendRawAsync("bucket", gateway, method, target, body);
        if (reply.IsFailure) return false;
        if (reply.Status != expected)
            history.Violated($"{method} {target} was answered {reply.Status} {reply.Code}, expected {expected}");
        return true;
    }
}
