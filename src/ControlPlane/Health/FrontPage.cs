using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Vault.ControlPlane.Http;

namespace Vault.ControlPlane.Health;

/// <summary><c>/</c>: says what is where, to people as a page and to programs as JSON.</summary>
internal static class FrontPage
{
    private const string Head = """
        <!doctype html>
        <html lang="en">
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Vault</title>
        <style>
        body { font: 1rem/1.5 system-ui, sans-serif; max-width: 44rem; margin: 2rem auto; padding: 0 1rem }
        dt { font-family: ui-monospace, monospace; margin-top: .8rem }
        dd { margin: 0 0 0 1.5rem }
        </style>
        <h1>Vault</h1>
        <p>This is the control port of a process of Vault, an encrypted S3 store.</p>
        <dl>

        """;

    private const string Foot = """
        </dl>
        <p><code>vault --help</code> names the program's verbs; <code>vault doctor</code> examines the machine.</p>
        <p>To read: <code>README.md</code>, <code>docs/spec/control-plane.md</code>, <code>docs/spec/s3.md</code> and
        <code>docs/runbooks</code>, where the source is.</p>
        </html>

        """;

    public static void Map(IEndpointRouteBuilder routes)
    {
        var api = routes.ServiceProvider.GetRequiredService<IServiceProviderIsService>()
            .IsService(typeof(ControlAuthentication));
        routes.MapMethods("/", ["GET", "HEAD"], (HttpContext context, IReadiness readiness) =>
        {
            var answer = new FrontAnswer(
                true, "vault", readiness.S3?.ToString().TrimEnd('/'), "/healthz", "/readyz", "/metrics",
                api ? "/v1" : null, api ? "/openapi/v1.json" : null);
            context.Response.Headers.Vary = "Accept";
            var accept = context.Request.Headers.Accept.ToString();
            return accept.Contains("application/json", StringComparison.OrdinalIgnoreCase)
                && !accept.Contains("text/html", StringComparison.OrdinalIgnoreCase)
                ? new JsonResult<FrontAnswer>(200, answer, ControlJson.Default.FrontAnswer)
                : Page(context, answer);
        }).ExcludeFromDescription();
    }

    private static IResult Page(HttpContext context, FrontAnswer answer)
    {
        var headers = context.Response.Headers;
        headers.CacheControl = "no-store";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers.ContentSecurityPolicy =
            "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
            + "frame-ancestors 'none'";
        var page = new StringBuilder(Head);
        Add("S3 endpoint, for S3 clients; vault s3env prints their settings", answer.S3, isLink: false);
        Add("this process runs", answer.Healthz);
        Add("it serves, and what should still be mended", answer.Readyz);
        Add("measurements, as Prometheus reads them", answer.Metrics);
        Add("tenants, projects, credentials and tokens: the operator's API", answer.Api, isLink: false);
        Add("its calls (OpenAPI)", answer.Openapi);
        return Results.Text(page.Append(Foot).ToString(), "text/html", Encoding.UTF8);

        void Add(string what, string? where, bool isLink = true)
        {
            if (where is null) return;
            where = HtmlEncoder.Default.Encode(where);
            var term = isLink ? $"<a href=\"{where}\">{where}</a>" : where;
            page.Append("<dt>").Append(term).Append("</dt><dd>").Append(what).Append("</dd>\n");
        }
    }
}
