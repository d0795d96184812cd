namespace Vault.Protocol.Macaroons;

/// <summary>
/// What a macaroon allows, once its signatures are proven. Immutable; keep it with the cached credential and call
/// <see cref="Check"/> for every request: time, address, key and size are compared anew each time.
/// </summary>
public sealed class VerifiedCapability
{
    /// <summary>Length of one tail.</summary>
    public const int TailBytes = 32;

    private readonly CaveatRules rules;
    private readonly byte[] tails;

    internal VerifiedCapability(CaveatRules rules, byte[] tails, string[] caveats, string[] labels)
    {
        this.rules = rules;
        this.tails = tails;
        Caveats = caveats;
        Labels = labels;
    }

    /// <summary>Project that it is for, or null (only the operator's own tokens have none).</summary>
    public string? ProjectId => rules.Project;

    /// <summary>Tenant that it is for, or null.</summary>
    public string? TenantId => rules.Tenant;

    /// <summary>Operations allowed by every <c>ops</c> caveat.</summary>
    public CapabilityOperations Operations => rules.Operations;

    /// <summary>Earliest end, or the largest time when it has none.</summary>
    public DateTimeOffset NotAfter => rules.NotAfter;

    /// <summary>Most bytes that a write may have; <see cref="long.MaxValue"/> when there is no such caveat.</summary>
    public long MaxSize => rules.MaxSize;

    /// <summary>True when a <c>bucket</c> caveat names buckets: lists of buckets must be filtered.</summary>
    public bool IsLimitedToBuckets => rules.IsLimitedToBuckets;

    /// <summary>True when a <c>prefix</c> caveat is present.</summary>
    public bool IsLimitedToPrefixes => rules.IsLimitedToPrefixes;

    /// <summary>Texts of all first-party caveats, of the macaroon and of its discharges.</summary>
    public IReadOnlyList<string> Caveats { get; }

    /// <summary>Values of <c>label</c> caveats, for the audit trail.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>How many tails there are: one for the identifier and one for each caveat.</summary>
    public int TailCount => tails.Length / TailBytes;

    /// <summary>
    /// SHA-256 of the signature after the identifier (0) or after caveat <paramref name="index"/>. If the project's
    /// revocation set holds any of them, the token is revoked; to revoke this token, put the last one there.
    /// </summary>
    public ReadOnlyMemory<byte> Tail(int index) => tails.AsMemory(index * TailBytes, TailBytes);

    /// <summary>True when the bucket is in every <c>bucket</c> list.</summary>
    public bool AllowsBucket(ReadOnlySpan<char> name) => rules.AllowsBucket(name);

    /// <summary>Evaluates every first-party caveat; allocates nothing.</summary>
    public CaveatDenial Check(in CaveatContext context) => rules.Check(context);
}
