using System.Net;
using System.Net.Sockets;

namespace Vault.Protocol.Macaroons;

/// <summary>All first-party caveats of a capability, read once, so that a request only compares.</summary>
internal sealed partial class CaveatRules
{
    private const int NotBeforeLeewaySeconds = 60;

    private const CapabilityOperations DataOperations =
        CapabilityOperations.All & ~(CapabilityOperations.Admin | CapabilityOperations.Mint);

    private string[][] buckets = [];
    private byte[][][] prefixes = [];
    private CidrBlock[][] addresses = [];
    private string[][] contentTypes = [];
    private DateTimeOffset notBefore = DateTimeOffset.MinValue;
    private long maxObjectTtlSeconds = long.MaxValue;
    private CredentialMethod methods = CredentialMethod.Header | CredentialMethod.Presigned | CredentialMethod.Bearer;

    public string? Project { get; private set; }

    public string? Tenant { get; private set; }

    public CapabilityOperations Operations { get; private set; } = CapabilityOperations.All;

    public DateTimeOffset NotAfter { get; private set; } = DateTimeOffset.MaxValue;

    public long MaxSize { get; private set; } = long.MaxValue;

    public bool IsLimitedToBuckets => buckets.Length != 0;

    public bool IsLimitedToPrefixes => prefixes.Length != 0;

    public bool AllowsBucket(ReadOnlySpan<char> name)
    {
        foreach (var list in buckets)
        {
            if (!Contains(list, name))
                return false;
        }

        return true;
    }

    public CaveatDenial Check(in CaveatContext context)
    {
        if ((context.Operation & Operations) == 0)
            return CaveatDenial.Operation;
        if (Project is null ? (context.Operation & DataOperations) != 0 : Project != context.ProjectId)
            return CaveatDenial.Project;
        if (Tenant is not null && Tenant != context.TenantId)
            return CaveatDenial.Tenant;
        if (context.Now > NotAfter)
            return CaveatDenial.Expired;
        if (notBefore > context.Now.AddSeconds(NotBeforeLeewaySeconds))
            return CaveatDenial.NotYetValid;
        if ((context.Method & methods) == 0)
            return CaveatDenial.Method;
        if (addresses.Length != 0 && !AddressHolds(context.PeerAddress))
            return CaveatDenial.Address;
        return CheckTarget(context);
    }

    private CaveatDenial CheckTarget(in CaveatContext context)
    {
        if (!(context.Bucket.IsEmpty ? !IsLimitedToBuckets || NeedsNoBucket(context) : AllowsBucket(context.Bucket)))
            return CaveatDenial.Bucket;
        if (!PrefixHolds(context))
            return CaveatDenial.Prefix;
        var isWrite = context.Operation is CapabilityOperations.Put or CapabilityOperations.Multipart;
        if (isWrite && context.Size > MaxSize)
            return CaveatDenial.Size;
        if (!context.WritesObject)
            return CaveatDenial.None;
        if (maxObjectTtlSeconds != long.MaxValue && !(context.ObjectTtlSeconds <= maxObjectTtlSeconds))
            return CaveatDenial.ObjectTtl;
        return ContentTypeHolds(context.ContentType) ? CaveatDenial.None : CaveatDenial.ContentType;
    }

    /// <summary>Listing buckets (filtered by the caller) and making a narrower credential.</summary>
    private static bool NeedsNoBucket(in CaveatContext context) =>
        context.Operation is CapabilityOperations.List or CapabilityOperations.Mint;

    private bool PrefixHolds(in CaveatContext context)
    {
        if (context.Key.IsEmpty && context.Bucket.IsEmpty)
            return !IsLimitedToPrefixes || NeedsNoBucket(context);
        foreach (var list in prefixes)
        {
            if (!StartsWithAny(context.Key, list))
                return false;
        }

        return true;
    }

    private bool AddressHolds(IPAddress? peer)
    {
        Span<byte> bytes = stackalloc byte[16];
        if (peer is null || !peer.TryWriteBytes(bytes, out var length))
            return false;
        var address = bytes[..length];
        if (peer.AddressFamily == AddressFamily.InterNetworkV6 && peer.IsIPv4MappedToIPv6)
            address = bytes[12..];
        foreach (var list in addresses)
        {
            if (!ContainedInAny(address, list))
                return false;
        }

        return true;
    }

    private bool ContentTypeHolds(ReadOnlySpan<char> type)
    {
        var parameters = type.IndexOf(';');
        type = (parameters < 0 ? type : type[..parameters]).Trim();
        foreach (var list in contentTypes)
        {
            if (!MatchesAny(type, list))
                return false;
        }

        return true;
    }

    private static bool Contains(string[] list, ReadOnlySpan<char> name)
    {
        foreach (var item in list)
        {
            if (name.SequenceEqual(item))
                return true;
        }

        return false;
    }

    private static bool StartsWithAny(ReadOnlySpan<byte> key, byte[][] list)
    {
        foreach (var prefix in list)
        {
            if (key.StartsWith(prefix))
                return true;
        }

        return false;
    }

    private static bool ContainedInAny(ReadOnlySpan<byte> address, CidrBlock[] list)
    {
        foreach (var block in list)
        {
            if (block.Contains(address))
                return true;
        }

        return false;
    }

    private static bool MatchesAny(ReadOnlySpan<char> type, string[] list)
    {
        foreach (var item in list)
        {
            if (item.EndsWith('*')
                ? type.StartsWith(item.AsSpan(..^1), StringComparison.OrdinalIgnoreCase)
                : type.Equals(item, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }
}
