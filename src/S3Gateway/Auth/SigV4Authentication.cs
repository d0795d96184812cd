using System.Collections.Immutable;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Vault.Grains.Abstractions.Accounts;
using Vault.Grains.Abstractions.Credentials;
using Vault.Protocol.Credentials;
using Vault.Protocol.Keys;
using Vault.Protocol.Macaroons;
using Vault.Protocol.SigV4;

namespace Vault.S3Gateway.Auth;

/// <summary>
/// Proves who sent a request: the access key id unlocks its own record, whose secret the signature must match; only
/// then is anything kept. Wrong keys, signatures and tokens end in AWS's own refusals.
/// </summary>
internal sealed partial class SigV4Authentication(
    IGrainFactory grains,
    CredentialCache cache,
    SharedCredentials shared,
    CallerLimits limits,
    SealBudget seals,
    ClusterKeys clusterKeys,
    TimeProvider time,
    IOptions<S3Options> options,
    S3Instruments instruments,
    ILogger<SigV4Authentication> logger)
{
    private const string DerivedPrefix = "SNT";

    private readonly SigV4Options signatures = new()
    {
        Service = "s3",
        StrictRegion = options.Value.StrictRegion ? options.Value.Region : null,
        MaxSkew = options.Value.MaxSkew,
    };

    private readonly CapabilityVerifier capabilities = new(new MacaroonKeys(
        clusterKeys.MacaroonMasters.Ids.ToDictionary(
            id => id,
            id => clusterKeys.MacaroonMasters.TryGet(id, out var key) ? key.Bytes.ToArray() : []),
        clusterKeys.MacaroonMasters.ActiveId));

    /// <summary>Sets the request's claim and caller; the caller has been entered and must be left.</summary>
    /// <exception cref="S3Exception">The signer isn't proven.</exception>
    public ValueTask AuthenticateAsync(S3Request request)
    {
        var outcome = SigV4Parser.Parse(request, signatures, time.GetUtcNow(), out var claim, out var detail);
        if (outcome != SigV4Outcome.Ok)
            throw Refuse(request, outcome, detail);
        request.Claim = claim;
        if (claim!.SecurityToken is not null || claim.AccessKeyId.StartsWith(DerivedPrefix, StringComparison.Ordinal))
            throw Failed(request, S3Errors.CredentialsNotSupported);
        var entry = cache.Enter(claim.AccessKeyId);
        if (entry is null)
            return new(ResolveAsync(request, claim));
        if (entry.Caller.Verify(request, claim) != SigV4Outcome.Ok)
        {
            entry.Caller.Leave();
            throw Refuse(request, SigV4Outcome.SignatureDoesNotMatch, null);
        }

        request.Caller = entry.Caller;
        return cache.IsFresh(entry) ? default : new(RenewAsync(request, claim, entry));
    }

    private S3Exception Refuse(S3Request request, SigV4Outcome outcome, string? detail)
    {
        if (outcome == SigV4Outcome.Bearer)
            return Failed(request, S3Errors.CredentialsNotSupported);
        if (outcome != SigV4Outcome.Anonymous)
            return Failed(request, S3Errors.Of(outcome, detail));
        var allowed = limits.AllowsUnsigned(request.PeerAddress);
        return (allowed ? S3Errors.AccessDenied : S3Errors.SlowDown).Thrown();
    }

    private S3Exception Failed(S3Request request, S3Error error)
    {
        var address = request.PeerAddress;
        instruments.AuthenticationFailed();
        var blocked = limits.HasFailedTooOften(address);
        limits.Failed(address);
        return (blocked ? S3Errors.SlowDown : error).Thrown();
    }

    private async Task ResolveAsync(S3Request request, SigV4Claim claim)
    {
        if (limits.HasFailedTooOften(request.PeerAddress))
            throw S3Errors.SlowDown.Thrown();
        if (!AccessKeyId.TryParse(claim.AccessKeyId, out var id))
            throw Refuse(request, SigV4Outcome.InvalidAccessKeyId, null);
        var read = cache.BeginRead();
        var known = await shared.FindAsync(id.Lookup);
        var view = known.View ?? await ReadAsync(request, id);
        RequireCurrent(request, view);
        var caller = Open(request, claim, id, view);
        try
        {
            if (known.View is null)
                await RequireValidAsync(request, caller, view);
        }
        catch
        {
            caller.Dispose();
            throw;
        }

        caller.TryEnter();
        request.Caller = caller;
        cache.Add(claim.AccessKeyId, caller, read.Aged(known.Read.Age, time));
        shared.Keep(id.Lookup, known, view);
    }

    /// <summary>Reads the record of a cached credential again.</summary>
    private async Task RenewAsync(S3Request request, SigV4Claim claim, CredentialCache.Entry entry)
    {
        if (!AccessKeyId.TryParse(claim.AccessKeyId, out var id))
            throw Refuse(request, SigV4Outcome.InvalidAccessKeyId, null);
        var read = cache.BeginRead();
        try
        {
            // Who was told of a change reads the database; else another gateway may have read it a moment ago.
            var known = entry.IsDropped ? default : await shared.FindAsync(id.Lookup);
            var view = known.View ?? await ReadAsync(request, id);
            RequireCurrent(request, view);
            if (known.View is null)
                await RequireValidAsync(request, entry.Caller, view);
            if (view.Record.Span.SequenceEqual(entry.Caller.View.Record.Span)
                && view.ProjectKeys.Length == entry.Caller.View.ProjectKeys.Length)
            {
                entry.Caller.View = view;
                cache.Renew(entry, read.Aged(known.Read.Age, time));
                shared.Keep(id.Lookup, known, view);
                return;
            }
        }
        catch (S3Exception)
        {
            cache.Remove(claim.AccessKeyId, entry);
            throw;
        }

        cache.Remove(claim.AccessKeyId, entry);
        request.LeaveCaller();
        await ResolveAsync(request, claim);
    }

    private async Task<CredentialView> ReadAsync(S3Request request, AccessKeyId id)
    {
        var view = await grains.GetGrain<ICredentialGrain>(id.Lookup.ToString()).ResolveAsync(CancellationToken.None);
        return view ?? throw Refuse(request, SigV4Outcome.InvalidAccessKeyId, null);
    }

    private void RequireCurrent(S3Request request, CredentialView view)
    {
        if (view.RevokedMs is not null)
            throw Refuse(request, SigV4Outcome.InvalidAccessKeyId, null);
        if (view.ExpiresMs <= time.GetUtcNow().ToUnixTimeMilliseconds())
            throw Failed(request, new(400, "ExpiredToken", "The provided token has expired."));
    }

    private S3Caller Open(S3Request request, SigV4Claim claim, AccessKeyId id, CredentialView view)
    {
        if (!SealedCredential.TryOpen(view.Record.Span, id, clusterKeys, out var record))
        {
            LogUnopened(id.Lookup.LogName);
            throw Refuse(request, SigV4Outcome.InvalidAccessKeyId, null);
        }

        using var secret = record.SecretAccessKey;
        Span<char> text = stackalloc char[SecretAccessKey.MaxLength];
        text = text[..Encoding.ASCII.GetChars(secret.Ascii, text)];
        var signingKeys = new SigningKeys(text);
        text.Clear();
        if (SigV4Verifier.Verify(request, claim, signingKeys) != SigV4Outcome.Ok)
        {
            signingKeys.Dispose();
            record.Dispose();
            throw Refuse(request, SigV4Outcome.SignatureDoesNotMatch, null);
        }

        if (capabilities.Verify(record.Macaroon, out var capability) != CapabilityOutcome.Ok
            || capability!.ProjectId != view.Project.ProjectId.Value)
        {
            signingKeys.Dispose();
            record.Dispose();
            LogUnproven(id.Lookup.LogName);
            throw Failed(request, S3Errors.AccessDenied);
        }

        var secrets = OpenSecrets(view, record.Pair);
        return new(id.Lookup, capability, view, signingKeys, secrets, record.Pair, seals, grains);
    }

    private static List<ProjectSecret> OpenSecrets(CredentialView view, KeyPair? pair)
    {
        var secrets = new List<ProjectSecret>(view.ProjectKeys.Length);
        foreach (var box in view.ProjectKeys)
        {
            if (pair is not null
                && ProjectSecret.TryOpen(box.Box.Span, view.Project.ProjectId, (uint)box.KeyNo, pair, out var secret))
                secrets.Add(secret);
        }

        return secrets;
    }

    private async Task RequireValidAsync(S3Request request, S3Caller caller, CredentialView view)
    {
        var tails = ImmutableArray.CreateBuilder<ReadOnlyMemory<byte>>(caller.Capability.TailCount);
        for (var i = 0; i < caller.Capability.TailCount; i++)
            tails.Add(caller.Capability.Tail(i));
        if (await grains.GetGrain<IProjectGrain>(view.Project.ProjectId.Value)
            .AnyRevokedAsync(tails.MoveToImmutable(), CancellationToken.None))
            throw Failed(request, S3Errors.InvalidAccessKeyId);
    }

    [LoggerMessage(EventId = 5010, Level = LogLevel.Warning,
        Message = "The record of credential {Credential} does not open with the cluster's keys")]
    private partial void LogUnopened(string credential);

    [LoggerMessage(EventId = 5011, Level = LogLevel.Warning,
        Message = "The macaroon of credential {Credential} is not proven by the cluster's keys")]
    private partial void LogUnproven(string credential);
}
