using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Vault.ControlPlane.Http;

namespace Vault.ControlPlane.Health;

/// <summary>
/// <c>/healthz</c>: the process runs. <c>/readyz</c>: it serves, and what an operator should still mend.
/// </summary>
internal static class HealthEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/healthz", (IReadiness readiness) => new JsonResult<HealthAnswer>(
            200, new HealthAnswer(true, "vault", readiness.StartedAtMs), ControlJson.Default.HealthAnswer))
            .Produces<HealthAnswer>();
        routes.MapGet("/readyz", async (IReadiness readiness, HttpContext context) =>
        {
            var state = await readiness.CheckAsync(context.RequestAborted);
            return new JsonResult<ReadyAnswer>(
                state.Ready ? 200 : 503,
                new ReadyAnswer(
                    state.Ready, state.StateBackend, state.Warnings.Count == 0, state.Warnings, state.Problems),
                ControlJson.Default.ReadyAnswer);
        }).Produces<ReadyAnswer>().Produces<ReadyAnswer>(503);
    }
}

/// <summary>What the process knows about its own state; the program implements it.</summary>
public interface IReadiness
{
    /// <summary>When the process started, Unix milliseconds.</summary>
    long StartedAtMs { get; }

    /// <summary>Where this process serves S3, or null; known once it listens.</summary>
    Uri? S3 { get; }

    /// <summary>Asks the database and the volume.</summary>
    Task<Readiness> CheckAsync(CancellationToken cancellationToken);
}

/// <summary>Whether the process can serve.</summary>
/// <param name="StateBackend">Where the metadata is.</param>
/// <param name="Warnings">What should be mended, as codes.</param>
/// <param name="Problems">Why it does not serve, in words for an operator.</param>
public sealed record Readiness(string StateBackend, IReadOnlyList<string> Warnings, IReadOnlyList<string> Problems)
{
    public bool Ready => Problems.Count == 0;
}
