using System.Collections.Concurrent;
using Vault.Grains.Abstractions.Accounts;
using Vault.Grains.Abstractions.Buckets;
using Vault.Grains.Abstractions.Credentials;
using Vault.Protocol.Credentials;
using Vault.Protocol.Ids;
using Vault.Protocol.Keys;
using Vault.Protocol.Macaroons;
using Vault.Protocol.SigV4;

namespace Vault.S3Gateway.Auth;

/// <summary>
/// A credential whose holder proved it, with all that it unlocks, in this process's memory only. Requests enter and
/// leave it; the cache wipes it some minutes after the last one left (decisions §5.4).
/// </summary>
internal sealed class S3Caller : IDisposable
{
    private readonly ConcurrentDictionary<(BucketId Bucket, int KeyNo), HeadSealer> sealers = new();
    private readonly SigningKeys signingKeys;
    private readonly IReadOnlyList<ProjectSecret> secrets;
    private readonly KeyPair? pair;
    private readonly SealBudget seals;
    private readonly IGrainFactory grains;
    private readonly string credential;
    private int uses;

    /// <summary>
    /// Takes over <paramref name="signingKeys"/>, <paramref name="secrets"/> and <paramref name="pair"/>.
    /// </summary>
    public S3Caller(
        CredentialLookup lookup,
        VerifiedCapability capability,
        CredentialView view,
        SigningKeys signingKeys,
        IReadOnlyList<ProjectSecret> secrets,
        KeyPair? pair,
        SealBudget seals,
        IGrainFactory grains)
    {
        credential = lookup.ToString();
        this.seals = seals;
        Capability = capability;
        View = view;
        LogName = lookup.LogName;
        (this.signingKeys, this.secrets, this.pair, this.grains) = (signingKeys, secrets, pair, grains);
        Owner = OwnerIdentity.Of(view.Project.ProjectId);
    }

    /// <summary>What the macaroon allows.</summary>
    public VerifiedCapability Capability { get; }

    /// <summary>The credential as last read; at most a minute old.</summary>
    public CredentialView View { get; set; }

    /// <summary>The project that owns what this caller writes.</summary>
    public ProjectView Project => View.Project;

    /// <summary>The lookup, 64 hex: names the record, opens nothing.</summary>
    public string Lookup => credential;

    /// <summary>Eight hex digits of the lookup hash: all that logs may carry of a credential.</summary>
    public string LogName { get; }

    /// <summary>The project as S3 names an owner.</summary>
    public OwnerIdentity Owner { get; }

    /// <summary>Checks a request's signature against the secret.</summary>
    public SigV4Outcome Verify(S3Request request, SigV4Claim claim) =>
        SigV4Verifier.Verify(request, claim, signingKeys);

    /// <summary>The chain of chunk signatures of a verified request.</summary>
    public ChunkSigning BeginChunks(SigV4Claim claim) => ChunkSigning.Begin(claim, signingKeys);

    /// <summary>Begins a use; false when the keys were wiped meanwhile.</summary>
    public bool TryEnter()
    {
        while (true)
        {
            var seen = Volatile.Read(ref uses);
            if (seen < 0)
                return false;
            if (Interlocked.CompareExchange(ref uses, seen + 1, seen) == seen)
                return true;
        }
    }

    /// <summary>Ends a use.</summary>
    public void Leave() => Interlocked.Decrement(ref uses);

    /// <summary>Wipes the keys if nobody is using them.</summary>
    public bool TryRetire()
    {
        if (Interlocked.CompareExchange(ref uses, int.MinValue / 2, 0) != 0)
            return false;
        Dispose();
        return true;
    }

    /// <summary>What opens and seals the boxes of a bucket under one generation of its key.</summary>
    /// <exception cref="S3Exception">403: the project holds no such key.</exception>
    public ValueTask<HeadSealer> SealerAsync(BucketId bucket, int keyNo) =>
        sealers.TryGetValue((bucket, keyNo), out var sealer) ? new(sealer) : new(OpenAsync(bucket, keyNo));

    /// <summary>What seals under the bucket's current key; counts the boxes it will seal.</summary>
    /// <exception cref="S3Exception">403: the project holds no such key.</exception>
    public ValueTask<HeadSealer> WriterAsync(BucketView bucket, int boxes)
    {
        var taken = seals.TakeAsync(bucket, Project, boxes);
        return taken.IsCompletedSuccessfully
            ? SealerAsync(bucket.BucketId, bucket.KeyNo)
            : new(TakenAsync(taken, bucket));
    }

    public void Dispose()
    {
        foreach (var sealer in sealers.Values)
            sealer.Dispose();
        sealers.Clear();
        signingKeys.Dispose();
        foreach (var secret in secrets)
            secret.Dispose();
        pair?.Dispose();
    }

    /// <summary>Nothing secret.</summary>
    public override string ToString() => LogName;

    private async Task<HeadSealer> OpenAsync(BucketId bucket, int keyNo)
    {
        using var key = OpenOwnBox(bucket, keyNo)
            ?? await OpenProjectBoxAsync(bucket, keyNo)
            ?? await OpenNewBoxAsync(bucket, keyNo);
        if (key is null)
            throw S3Errors.AccessDenied.Thrown();
        var made = new HeadSealer(key);
        var kept = sealers.GetOrAdd((bucket, keyNo), made);
        if (!ReferenceEquals(kept, made))
            made.Dispose();
        return kept;
    }

    /// <summary>A credential limited to buckets has their keys boxed to itself.</summary>
    private BucketKey? OpenOwnBox(BucketId bucket, int keyNo)
    {
        if (pair is null)
            return null;
        foreach (var box in View.BucketKeys)
        {
            if (box.BucketId == bucket && box.KeyNo == keyNo
                && BucketKey.TryOpen(box.Box.Span, bucket, (uint)keyNo, pair, out var key))
                return key;
        }

        return null;
    }

    /// <summary>The key may have been renewed, and boxed to this credential, since its record was read.</summary>
    private async Task<BucketKey?> OpenNewBoxAsync(BucketId bucket, int keyNo)
    {
        if (View.BucketKeys.IsEmpty)
            return null;
        var view = await grains.GetGrain<ICredentialGrain>(credential).ResolveAsync(CancellationToken.None);
        if (view is null || view.RevokedMs is not null)
            return null;
        View = view;
        return OpenOwnBox(bucket, keyNo);
    }

    private async Task<HeadSealer> TakenAsync(ValueTask taken, BucketView bucket)
    {
        await taken;
        return await SealerAsync(bucket.BucketId, bucket.KeyNo);
    }

    private async Task<BucketKey?> OpenProjectBoxAsync(BucketId bucket, int keyNo)
    {
        var box = await grains.GetGrain<IBucketReadGrain>(0)
            .ReadKeyBoxAsync(bucket, keyNo, Project.ProjectId, CancellationToken.None);
        if (box is not { } sealedKey)
            return null;
        foreach (var secret in secrets)
        {
            if (BucketKey.TryOpen(sealedKey.Span, bucket, (uint)keyNo, secret.Pair, out var key))
                return key;
        }

        return null;
    }
}
