using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Vault.ControlPlane.Http;
using Vault.Protocol.Macaroons;

namespace Vault.ControlPlane.Dashboard;

/// <summary>
/// Stands before everything under <see cref="Root"/>: a form takes the operator's macaroon and gives a session, and
/// nothing goes on without one (docs/spec/control-plane.md §7).
/// </summary>
internal sealed class DashboardGate(
    ControlAuthentication authentication, ControlLimits limits, DashboardSessions sessions)
{
    public const string Root = "/dashboard";

    private const string SignIn = Root + "/sign-in";
    private const string SignOut = Root + "/sign-out";
    private const string Cookie = "vault-dashboard";
    private const string Field = "macaroon";

    /// <summary>The page's scripts write styles; nothing else in it is inline or from elsewhere.</summary>
    private const string Policy =
        "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self' 'unsafe-inline'; "
        + "img-src 'self' data:; font-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    private const string Enter =
        $"""
        <form method="post" action="{SignIn}">
        <p><label>The operator's macaroon <input name="{Field}" type="password" autocomplete="off" required autofocus>
        </label></p>
        <p><button>Sign in</button></p>
        </form>
        """;

    private const string Leave =
        $"""
        <p>You are signed in. <a href="{Root}/">Go to the dashboard</a></p>
        <form method="post" action="{SignOut}"><button>Sign out</button></form>
        """;

    /// <summary>Serves the form, refuses, or passes a call of a session on.</summary>
    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var (path, headers) = (context.Request.Path, context.Response.Headers);
        if (!path.StartsWithSegments(Root))
        {
            await next(context);
            return;
        }

        headers.CacheControl = "no-store";
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        var id = context.Request.Cookies[Cookie];
        var signedIn = id is not null && await HoldsAsync(context, id);
        if (!signedIn && limits.Anonymous(context) is { } slowDown) await slowDown.ExecuteAsync(context);
        else if (path == SignIn && HttpMethods.IsPost(context.Request.Method)) await SignInAsync(context);
        else if (path == SignIn) await PageAsync(context, signedIn ? Leave : Enter);
        else if (path == SignOut && HttpMethods.IsPost(context.Request.Method)) Close(context, id);
        else if (!signedIn && IsForPeople(context)) context.Response.Redirect(SignIn);
        else if (!signedIn) await Problem.Unauthenticated($"Sign in at {SignIn}.").ExecuteAsync(context);
        else if (path.StartsWithSegments(Root + "/GrainState"))
            await Problem.Forbidden("States of grains hold sealed credentials: not shown.").ExecuteAsync(context);
        else
        {
            ControlLimits.HasSession(context);
            await next(context);
        }
    }

    /// <summary>Whether the session is there and its macaroon still good for all of it.</summary>
    private async Task<bool> HoldsAsync(HttpContext context, string id)
    {
        if (sessions.Find(id) is not { } capability) return false;
        if (Allow(context, capability) is null
            && !await authentication.IsRevokedAsync(capability, context.RequestAborted))
            return true;
        sessions.Close(id);
        return false;
    }

    private async Task SignInAsync(HttpContext context)
    {
        var (capability, problem) = await ProveAsync(context);
        if (capability is not null && (problem = Allow(context, capability)) is not null) limits.Failed(context);
        if (problem is null)
        {
            context.Response.Cookies.Append(Cookie, sessions.Open(capability!), Options(context));
            See(context, Root + "/");
        }
        else if (IsForPeople(context))
        {
            problem.Begin(context.Response);
            await PageAsync(context, $"<p role=\"alert\">{WebUtility.HtmlEncode(problem.Message)}</p>{Enter}");
        }
        else
        {
            await problem.ExecuteAsync(context);
        }
    }

    private async Task<(VerifiedCapability? Capability, Problem? Problem)> ProveAsync(HttpContext context)
    {
        if (await JsonBody.ReadAsync(context.Request, context.RequestAborted) is not { } body)
            return (null, Problem.TooLarge("A body may have 1 MiB at most."));
        foreach (var pair in new QueryStringEnumerable(Encoding.UTF8.GetString(body.Span)))
        {
            if (pair.DecodeName().Span is Field)
                return await authentication.ProveAsync(context, pair.DecodeValue().ToString().Trim());
        }

        return (null, Problem.BadRequest($"Send the operator's macaroon as the field {Field} of a form."));
    }

    private Problem? Allow(HttpContext context, VerifiedCapability capability) =>
        authentication.Allow(capability, context, CapabilityOperations.Admin, null, null);

    private void Close(HttpContext context, string? id)
    {
        if (id is not null) sessions.Close(id);
        context.Response.Cookies.Delete(Cookie, Options(context));
        See(context, SignIn);
    }

    private static void See(HttpContext context, string path)
    {
        context.Response.StatusCode = StatusCodes.Status303SeeOther;
        context.Response.Headers.Location = path;
    }

    private static CookieOptions Options(HttpContext context) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Strict,
        Path = Root,
        MaxAge = DashboardSessions.Lifetime,

        // Who invents the header only keeps the cookie from itself.
        Secure = context.Request.IsHttps || context.Request.Headers["X-Forwarded-Proto"] == "https",
    };

    private static bool IsForPeople(HttpContext context) =>
        context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);

    private static Task PageAsync(HttpContext context, string content)
    {
        context.Response.ContentType = "text/html; charset=utf-8";
        return context.Response.WriteAsync(
            $$"""
            <!doctype html>
            <html lang="en">
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width">
            <link rel="icon" href="data:,">
            <title>Vault dashboard</title>
            <style>body { font: 1rem system-ui; margin: 4rem auto; max-width: 30rem; } input { width: 100%; }</style>
            <h1>Vault dashboard</h1>
            {{content}}
            </html>
            """,
            context.RequestAborted);
    }
}
