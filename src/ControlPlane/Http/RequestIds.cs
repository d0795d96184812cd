using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;

namespace Vault.ControlPlane.Http;

/// <summary>One random id per request, echoed as <c>x-request-id</c> and written to the log.</summary>
internal static class RequestIds
{
    public const string Header = "x-request-id";

    /// <summary>Gives the request its id and announces it.</summary>
    public static void Begin(HttpContext context)
    {
        var id = RandomNumberGenerator.GetHexString(32, lowercase: true);
        context.TraceIdentifier = id;
        context.Response.Headers[Header] = id;
    }

    public static string Of(HttpContext context) => context.TraceIdentifier;
}
