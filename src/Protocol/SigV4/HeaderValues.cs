namespace Vault.Protocol.SigV4;

/// <summary>The values of one header: none, one (no array needed) or several.</summary>
public readonly struct HeaderValues
{
    private readonly string? single;
    private readonly string?[]? several;

    /// <summary>One value, or none for null.</summary>
    public HeaderValues(string? value) => single = value;

    /// <summary>Several values in order; the array is kept, not copied.</summary>
    public HeaderValues(string?[]? values) => several = values;

    /// <summary>How many values there are.</summary>
    public int Count => several?.Length ?? (single is null ? 0 : 1);

    /// <summary>The value at <paramref name="index"/>.</summary>
    public string this[int index] => (several is null ? single : several[index]) ?? string.Empty;

    /// <summary>The only value, or null when there is none or more than one.</summary>
    public string? Only => Count == 1 ? this[0] : null;
}
