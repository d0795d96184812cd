namespace Vault.Protocol.SigV4;

/// <summary>A request under construction: what a client signs and then sends.</summary>
/// <param name="method">Method in upper case.</param>
/// <param name="rawTarget">Path and query, already encoded as they will be sent.</param>
/// <param name="host">Value of the Host header, with the port when it is not the scheme's own.</param>
public sealed class SignableRequest(string method, string rawTarget, string host) : ISigV4Request
{
    private readonly SortedDictionary<string, string> headers = new(StringComparer.Ordinal) { ["host"] = host };

    /// <inheritdoc/>
    public string Method => method;

    /// <inheritdoc/>
    public string RawTarget { get; internal set; } = rawTarget;

    /// <summary>All headers, names in lower case, sorted; all of them but <c>authorization</c> are signed.</summary>
    public IReadOnlyDictionary<string, string> Headers => headers;

    /// <summary>Sets a header.</summary>
    public SignableRequest With(string name, string value)
    {
        headers[name.ToLowerInvariant()] = value;
        return this;
    }

    /// <summary>Names of the headers to sign, separated by semicolons.</summary>
    public string SignedHeaderList() => string.Join(';', headers.Keys.Where(name => name != "authorization"));

    /// <inheritdoc/>
    public HeaderValues GetHeader(string name) => new(headers.GetValueOrDefault(name.ToLowerInvariant()));

    /// <inheritdoc/>
    public string? FindUnsignedHeader(SignedHeaderNames signedHeaders)
    {
        foreach (var name in headers.Keys)
        {
            if (signedHeaders.Lacks(name))
                return name;
        }

        return null;
    }
}
