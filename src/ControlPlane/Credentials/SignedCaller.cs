using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Vault.ControlPlane.Http;
using Vault.Grains.Abstractions.Accounts;
using Vault.Grains.Abstractions.Credentials;
using Vault.Protocol.Credentials;
using Vault.Protocol.Keys;
using Vault.Protocol.Macaroons;
using Vault.Protocol.SigV4;

namespace Vault.ControlPlane.Credentials;

/// <summary>
/// A registered credential that signed a call (service <c>vault</c>), opened for the length of the call.
/// </summary>
internal sealed class SignedCaller(
    CredentialView view, CredentialRecord record, VerifiedCapability capability, Macaroon macaroon) : IDisposable
{
    public CredentialView View => view;

    public KeyPair Pair => record.Pair ?? throw new InvalidOperationException("registered records hold a key pair");

    public VerifiedCapability Capability => capability;

    public Macaroon Macaroon => macaroon;

    public void Dispose() => record.Dispose();
}

/// <summary>Proves who signed a call.</summary>
internal sealed class SignedCallers(
    IGrainFactory grains,
    ClusterKeys keys,
    CapabilityVerifier verifier,
    ControlAuthentication authentication,
    ControlLimits limits,
    TimeProvider time)
{
    private static readonly SigV4Options Options = new() { Service = "vault" };

    public async Task<(SignedCaller? Caller, Problem? Problem)> ProveAsync(
        HttpContext context, ReadOnlyMemory<byte> body)
    {
        if (limits.Proof(context) is { } slowDown) return (null, slowDown);
        var (caller, problem) = await ProveSignatureAsync(context, body);
        if (caller is null)
        {
            if (context.Request.Headers.Authorization.Count > 0) limits.Failed(context);
            return (null, problem);
        }

        if (limits.Project(caller.View.Project.ProjectId.Value) is not { } tooMany) return (caller, null);
        caller.Dispose();
        return (null, tooMany);
    }

    private async Task<(SignedCaller? Caller, Problem? Problem)> ProveSignatureAsync(
        HttpContext context, ReadOnlyMemory<byte> body)
    {
        var request = new SignedHttpRequest(context);
        var outcome = SigV4Parser.Parse(request, Options, time.GetUtcNow(), out var claim, out var detail);
        if (claim is null || outcome != SigV4Outcome.Ok)
        {
            return (null, Problem.Unauthenticated(
                "Sign this call with SigV4, service vault, by a credential of the project "
                + $"({outcome}{(detail is null ? "" : ": " + detail)})."));
        }

        if (!BodyMatches(claim, body.Span))
            return (null, Problem.Unauthenticated("The body is not the one that was signed (x-amz-content-sha256)."));
        var refused = Problem.Unauthenticated("The credential is unknown or revoked, or the signature is wrong.");
        if (!AccessKeyId.TryParse(claim.AccessKeyId, out var id)) return (null, refused);
        var view = await grains.GetGrain<ICredentialGrain>(id.Lookup.ToString()).ResolveAsync(context.RequestAborted);
        if (view is null || !IsCurrent(view) || !SealedCredential.TryOpen(view.Record.Span, id, keys, out var record))
            return (null, refused);
        var proven = Prove(request, claim, record, out var capability, out var macaroon);
        if (!proven || await authentication.IsRevokedAsync(capability!, context.RequestAborted))
        {
            record.Dispose();
            return (null, refused);
        }

        return (new SignedCaller(view, record, capability!, macaroon!), null);
    }

    private bool Prove(
        SignedHttpRequest request, SigV4Claim claim, CredentialRecord record, out VerifiedCapability? capability,
        out Macaroon? macaroon)
    {
        capability = null;
        macaroon = null;
        using var signing = new SigningKeys(record.SecretAccessKey.Reveal());
        return SigV4Verifier.Verify(request, claim, signing) == SigV4Outcome.Ok
            && Macaroon.TryParse(record.Macaroon, out macaroon)
            && verifier.Verify(macaroon!, [], out capability) == CapabilityOutcome.Ok
            && record.Pair is not null;
    }

    private bool IsCurrent(CredentialView view) =>
        view.RevokedMs is null
        && (view.ExpiresMs is not { } expires || expires > time.GetUtcNow().ToUnixTimeMilliseconds())
        && view.Project.State is (AccountState.Active or AccountState.ReadOnly)
        && view.TenantState is (AccountState.Active or AccountState.ReadOnly);

    private static bool BodyMatches(SigV4Claim claim, ReadOnlySpan<byte> body)
    {
        Span<byte> signed = stackalloc byte[32];
        return claim.TryGetPayloadHash(signed)
            && CryptographicOperations.FixedTimeEquals(signed, SHA256.HashData(body));
    }
}
