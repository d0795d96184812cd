using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Vault.Protocol.SigV4;

namespace Vault.Client.Control;

/// <summary>Calls the control plane (docs/spec/control-plane.md): JSON in, JSON out.</summary>
/// <param name="control">Its base address.</param>
/// <param name="token">Bearer macaroon; null for calls that are signed instead.</param>
public sealed class ControlClient(Uri control, string? token) : IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = control, Timeout = TimeSpan.FromSeconds(60) };

    /// <summary>Sends one call.</summary>
    /// <exception cref="ControlException">The answer was a refusal.</exception>
    /// <exception cref="HttpRequestException">Nobody answered.</exception>
    public async Task<JsonObject> SendAsync(
        HttpMethod method, string path, JsonObject? body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path);
        if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (body is not null) request.Content = Content(Encoding.UTF8.GetBytes(body.ToJsonString()));
        return await SendAsync(request, cancellationToken);
    }

    /// <summary>Sends one call signed by an S3 credential (service <c>vault</c>): how credentials are made.</summary>
    /// <exception cref="ControlException">The answer was a refusal.</exception>
    /// <exception cref="HttpRequestException">Nobody answered.</exception>
    public async Task<JsonObject> SendSignedAsync(
        string path, JsonObject body, string accessKeyId, string secretAccessKey, TimeProvider time,
        CancellationToken cancellationToken)
    {
        var bytes = Encoding.UTF8.GetBytes(body.ToJsonString());
        using var signer = new SigV4Signer(accessKeyId, secretAccessKey, "us-east-1", "vault");
        var signable = new SignableRequest("POST", path, control.Authority);
        using var chain = signer.Sign(signable, Convert.ToHexStringLower(SHA256.HashData(bytes)), time.GetUtcNow());
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = Content(bytes) };
        foreach (var (name, value) in signable.Headers)
        {
            if (name != "host") request.Headers.TryAddWithoutValidation(name, value);
        }

        return await SendAsync(request, cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private static ByteArrayContent Content(byte[] bytes) =>
        new(bytes) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };

    private async Task<JsonObject> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var response = await _http.SendAsync(request, cancellationToken);
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        JsonObject? answer;
        try
        {
            answer = JsonNode.Parse(text) as JsonObject;
        }
        catch (JsonException)
        {
            answer = null;
        }

        if (response.IsSuccessStatusCode && answer is not null) return answer;
        var error = answer?["error"];
        throw new ControlException(
            (int)response.StatusCode,
            (string?)error?["code"] ?? "internal",
            (string?)error?["message"]
                ?? $"{request.RequestUri} answered {(int)response.StatusCode}, which no control plane does");
    }
}

/// <summary>The control plane refused.</summary>
public sealed class ControlException(int status, string code, string message) : Exception(message)
{
    /// <summary>HTTP status.</summary>
    public int Status { get; } = status;

    /// <summary>Machine-readable code.</summary>
    public string Code { get; } = code;
}
