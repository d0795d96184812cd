using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Vault.Protocol.SigV4;

namespace Vault.Testing;

/// <summary>
/// A small S3 client of our own for tests that need to know exactly what was sent and acknowledged; never retries.
/// </summary>
public sealed class S3TestClient : IDisposable
{
    private readonly HttpClient _http;
    private readonly SigV4Signer _signer;
    private readonly Uri _endpoint;

    public S3TestClient(Uri endpoint, string accessKeyId, string secretAccessKey, int connections = 64)
    {
        _endpoint = endpoint;
        _signer = new SigV4Signer(accessKeyId, secretAccessKey, "us-east-1");
        _http = new HttpClient(
            new SocketsHttpHandler { MaxConnectionsPerServer = connections, AllowAutoRedirect = false })
        {
            Timeout = TimeSpan.FromMinutes(10),
        };
    }

    public S3TestClient(VaultProcess vault, int connections = 64)
        : this(vault.S3, vault.AccessKeyId, vault.SecretAccessKey, connections)
    {
    }

    /// <summary>Sends one signed request; <paramref name="target"/> is the raw path and query.</summary>
    public async Task<HttpResponseMessage> SendAsync(
        string method, string target, byte[]? body = null, IReadOnlyDictionary<string, string>? headers = null,
        CancellationToken cancellationToken = default)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(body ?? []));
        using var content = body is null && method is "GET" or "HEAD" or "DELETE"
            ? null
            : new ByteArrayContent(body ?? []);
        return await SendAsync(method, target, content, hash, headers, cancellationToken);
    }

    /// <summary>Sends one signed request whose body is a stream that is not hashed beforehand.</summary>
    public async Task<HttpResponseMessage> SendAsync(
        string method, string target, HttpContent? content, string payload,
        IReadOnlyDictionary<string, string>? headers, CancellationToken cancellationToken)
    {
        var signable = new SignableRequest(method, target, _endpoint.Authority);
        foreach (var (name, value) in headers ?? new Dictionary<string, string>()) signable.With(name, value);
        using var chain = _signer.Sign(signable, payload, TimeProvider.System.GetUtcNow());
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(
            _endpoint, target)) { Content = content };
        foreach (var (name, value) in signable.Headers)
        {
            if (name == "host") continue;
            if (!request.Headers.TryAddWithoutValidation(name, value))
                content?.Headers.TryAddWithoutValidation(name, value);
        }

        return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }

    public async Task CreateBucketAsync(string bucket, CancellationToken cancellationToken = default)
    {
        using var answer = await SendAsync("PUT", $"/{bucket}", [], cancellationToken: cancellationToken);
        answer.EnsureSuccessStatusCode();
    }

    public async Task PutAsync(string bucket, string key, byte[] body, CancellationToken cancellationToken = default)
    {
        using var answer = await SendAsync("PUT", Target(bucket, key), body, cancellationToken: cancellationToken);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>The bytes, or null when there is no such key.</summary>
    public async Task<byte[]?> GetAsync(string bucket, string key, CancellationToken cancellationToken = default)
    {
        using var answer = await SendAsync("GET", Target(bucket, key), cancellationToken: cancellationToken);
        if (answer.StatusCode == HttpStatusCode.NotFound) return null;
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadAsByteArrayAsync(cancellationToken);
    }

    public async Task DeleteAsync(string bucket, string key, CancellationToken cancellationToken = default)
    {
        using var answer = await SendAsync("DELETE", Target(bucket, key), cancellationToken: cancellationToken);
        answer.EnsureSuccessStatusCode();
    }

    public async Task CopyAsync(string bucket, string from, string to, CancellationToken cancellationToken = default)
    {
        var headers = new Dictionary<string, string> { ["x-amz-copy-source"] = Target(bucket, from) };
        using var answer = await SendAsync("PUT", Target(bucket, to), [], headers, cancellationToken);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Uploads the parts one after the other and completes.</summary>
    public async Task MultipartAsync(
        string bucket, string key, IReadOnlyList<byte[]> parts, CancellationToken cancellationToken = default)
    {
        using var created = await SendAsync(
            "POST", Target(bucket, key) + "?uploads=", [], cancellationToken: cancellationToken);
        created.EnsureSuccessStatusCode();
        var id = Value(await created.Content.ReadAsStringAsync(cancellationToken), "UploadId");
        var list = new StringBuilder("<CompleteMultipartUpload>");
        for (var i = 0; i < parts.Count; i++)
        {
            using var part = await SendAsync(
                "PUT", $"{Target(bucket, key)}?partNumber={i + 1}&uploadId={id}", parts[i],
                cancellationToken: cancellationToken);
            part.EnsureSuccessStatusCode();
            list.Append($"<Part><PartNumber>{i + 1}</PartNumber><ETag>{part.Headers.ETag!.Tag}</ETag></Part>");
        }

        list.Append("</CompleteMultipartUpload>");
        using var done = await SendAsync(
            "POST", $"{Target(bucket, key)}?uploadId={id}", Encoding.UTF8.GetBytes(list.ToString()),
            cancellationToken: cancellationToken);
        done.EnsureSuccessStatusCode();
        var text = await done.Content.ReadAsStringAsync(cancellationToken);
        if (!text.Contains("CompleteMultipartUploadResult", StringComparison.Ordinal))
            throw new HttpRequestException(text);
    }

    /// <summary>All keys of a bucket, in the order given.</summary>
    public async Task<List<string>> ListAsync(string bucket, CancellationToken cancellationToken = default)
    {
        var keys = new List<string>();
        var token = "";
        while (true)
        {
            var next = token.Length == 0 ? "" : $"continuation-token={Uri.EscapeDataString(token)}&";
            using var answer = await SendAsync(
                "GET", $"/{bucket}?{next}list-type=2", cancellationToken: cancellationToken);
            answer.EnsureSuccessStatusCode();
            var page = XDocument.Parse(await answer.Content.ReadAsStringAsync(cancellationToken));
            foreach (var element in page.Descendants())
            {
                if (element.Name.LocalName == "Key") keys.Add(element.Value);
            }

            token = page.Descendants().FirstOrDefault(e => e.Name.LocalName == "NextContinuationToken")?.Value ?? "";
            if (token.Length == 0) return keys;
        }
    }

    /// <summary>The error code in an answer's XML, or the empty string.</summary>
    public static async Task<string> CodeAsync(HttpResponseMessage answer) =>
        Value(await answer.Content.ReadAsStringAsync(), "Code");

    /// <summary>The raw path of a key.</summary>
    public static string Target(string bucket, string key)
    {
        var path = new StringBuilder("/").Append(bucket).Append('/');
        foreach (var b in Encoding.UTF8.GetBytes(key))
        {
            if (char.IsAsciiLetterOrDigit((char)b)
                || b is (byte)'-' or (byte)'.' or (byte)'_' or (byte)'~' or (byte)'/')
                path.Append((char)b);
            else path.Append('%').Append(b.ToString("X2", System.Globalization.CultureInfo.InvariantCulture));
        }

        return path.ToString();
    }

    public void Dispose()
    {
        _http.Dispose();
        _signer.Dispose();
    }

    private static string Value(string xml, string element)
    {
        var start = xml.IndexOf($"<{element}>", StringComparison.Ordinal);
        if (start < 0) return "";
        start += element.Length + 2;
        return WebUtility.HtmlDecode(xml[start..xml.IndexOf("</", start, StringComparison.Ordinal)]);
    }
}
