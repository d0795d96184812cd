namespace Vault.Protocol.SigV4;

/// <summary>
/// How the signature code sees an HTTP request; a server implements it over its own headers, without copies.
/// </summary>
public interface ISigV4Request
{
    /// <summary>Method in upper case, as received.</summary>
    string Method { get; }

    /// <summary>Request target exactly as it was on the wire: never decoded, never normalised.</summary>
    string RawTarget { get; }

    /// <summary>All values of a header, in order; empty when it is absent.</summary>
    /// <param name="name">Header name, compared without case.</param>
    HeaderValues GetHeader(string name);

    /// <summary>
    /// The name of the first header present for which <see cref="SignedHeaderNames.Lacks"/> is true, or null:
    /// one loop over the names of the headers.
    /// </summary>
    string? FindUnsignedHeader(SignedHeaderNames signedHeaders);
}
