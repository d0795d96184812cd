using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Vault.Protocol.SigV4;

namespace Vault.ControlPlane.Credentials;

/// <summary>A request of the control plane as the signature code sees it.</summary>
internal sealed class SignedHttpRequest(HttpContext context) : ISigV4Request
{
    public string Method => context.Request.Method;

    public string RawTarget { get; } = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;

    public HeaderValues GetHeader(string name)
    {
        var values = context.Request.Headers[name];
        return values.Count switch
        {
            0 => default,
            1 => new HeaderValues(values[0]),
            _ => new HeaderValues(values.ToArray()),
        };
    }

    public string? FindUnsignedHeader(SignedHeaderNames signedHeaders)
    {
        foreach (var (name, _) in context.Request.Headers)
        {
            if (signedHeaders.Lacks(name)) return name;
        }

        return null;
    }
}
