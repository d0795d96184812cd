using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Vault.Grains.Abstractions.Accounts;

namespace Vault.ControlPlane.Http;

/// <summary>
/// Reads the body of a change and, under an <c>Idempotency-Key</c>, runs it once and repeats its answer for 24 hours.
/// Answers that hold a secret are not kept: their replay is 409 (decisions §5.6).
/// </summary>
internal sealed class Idempotency(IGrainFactory grains)
{
    public async Task<IResult> RunAsync<T>(
        HttpContext context, string scope, bool secret, JsonTypeInfo<T> type,
        Func<T, CancellationToken, Task<IResult>> run)
        where T : class
    {
        if (await JsonBody.ReadAsync(context.Request, context.RequestAborted) is not { } body)
        {
            return Problem.TooLarge($"A body may have {JsonBody.MaxBytes} bytes at most.");
        }

        return await RunAsync(context, scope, secret, body, type, run);
    }

    public async Task<IResult> RunAsync<T>(
        HttpContext context, string scope, bool secret, ReadOnlyMemory<byte> body, JsonTypeInfo<T> type,
        Func<T, CancellationToken, Task<IResult>> run)
        where T : class
    {
        var (value, problem) = JsonBody.Parse(body, type);
        if (value is null) return problem!;
        var key = context.Request.Headers["Idempotency-Key"].ToString();
        if (key.Length == 0) return await run(value, context.RequestAborted);
        if (key.Length > 128) return Problem.BadRequest("Idempotency-Key: 128 characters at most");
        var grain = grains.GetGrain<IIdempotencyGrain>($"{scope}/{key}");
        var state = await grain.BeginAsync(Hash(context.Request, body), context.RequestAborted);
        if (!state.Claimed)
        {
            return state.Conflict
                ? Problem.Conflict("The Idempotency-Key belongs to another call, or to one that still runs.")
                : state.Secret
                    ? Problem.Conflict(
                        $"This call was carried out before; its answer held a secret and is not kept ({state.Body}).")
                : new StoredAnswer(state.Status, state.Body ?? "{}");
        }

        var answer = await run(value, CancellationToken.None);
        var (status, text) = await CaptureAsync(context, answer);
        await grain.FinishAsync(status, secret ? $"status {status}" : text, secret, CancellationToken.None);
        return new StoredAnswer(status, text);
    }

    private static byte[] Hash(HttpRequest request, ReadOnlyMemory<byte> body)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{request.Method}\n{request.Path}\n"));
        hash.AppendData(body.Span);
        return hash.GetHashAndReset();
    }

    /// <summary>Renders the answer once, so that what is stored is what is sent.</summary>
    private static async Task<(int Status, string Text)> CaptureAsync(HttpContext context, IResult answer)
    {
        var wire = context.Response.Body;
        using var memory = new MemoryStream();
        context.Response.Body = memory;
        try
        {
            await answer.ExecuteAsync(context);
        }
        finally
        {
            context.Response.Body = wire;
        }

        return (context.Response.StatusCode, Encoding.UTF8.GetString(memory.GetBuffer().AsSpan(0, (int)memory.Length)));
    }

    private sealed class StoredAnswer(int status, string body) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = status;
            httpContext.Response.ContentType = "application/json; charset=utf-8";
            httpContext.Response.Headers.CacheControl = "no-store";
            return httpContext.Response.WriteAsync(body, httpContext.RequestAborted);
        }
    }
}
