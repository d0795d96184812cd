namespace Vault.Storage.Tests.Shards;

/// <summary>Whoever sits between client and node: records what is sent, and changes what it is told to.</summary>
internal sealed class Meddler : DelegatingHandler
{
    public Meddler() : base(new SocketsHttpHandler { UseProxy = false })
    {
    }

    /// <summary>Every request so far, ready to be sent again.</summary>
    public List<(HttpMethod Method, Uri Uri, string? Auth, byte[] Body)> Sent { get; } = [];

    public Func<HttpRequestMessage, byte[], byte[]>? ChangeRequest { get; set; }

    public Func<HttpRequestMessage, HttpResponseMessage, Task<HttpResponseMessage>>? ChangeAnswer { get; set; }

    public async Task<HttpResponseMessage> AgainAsync(int index)
    {
        var (method, uri, auth, body) = Sent[index];
        var request = new HttpRequestMessage(method, uri);
        if (body.Length > 0) request.Content = new ByteArrayContent(body);
        if (auth is not null) request.Headers.TryAddWithoutValidation("Vault-Shard-Auth", auth);
        return await base.SendAsync(request, CancellationToken.None);
    }

    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = request.Content is null ? [] : await request.Content.ReadAsByteArrayAsync(cancellationToken);
        var auth = request.Headers.TryGetValues("Vault-Shard-Auth", out var values) ? values.First() : null;
        Sent.Add((request.Method, request.RequestUri!, auth, body));
        if (ChangeRequest is not null && body.Length > 0)
            request.Content = new ByteArrayContent(ChangeRequest(request, body));
        var answer = await base.SendAsync(request, cancellationToken);
        return ChangeAnswer is null ? answer : await ChangeAnswer(request, answer);
    }
}
