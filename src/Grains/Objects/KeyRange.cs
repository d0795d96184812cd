namespace Vault.Grains.Objects;

/// <summary>
/// Positions in a listing by prefix and delimiter. Keys are UTF-8, so the byte FF sorts after everything that can
/// follow a prefix: <c>prefix ‖ FF</c> is the end of its range.
/// </summary>
internal sealed class KeyRange
{
    private readonly ReadOnlyMemory<byte> _prefix;
    private readonly ReadOnlyMemory<byte> _delimiter;

    /// <param name="prefix">Only keys that start so.</param>
    /// <param name="delimiter">Rolls keys up; empty: none.</param>
    /// <param name="after">Only keys after this; the whole group when it ends one.</param>
    public KeyRange(ReadOnlyMemory<byte> prefix, ReadOnlyMemory<byte> delimiter, ReadOnlyMemory<byte> after)
    {
        (_prefix, _delimiter) = (prefix, delimiter);
        End = PastGroup(prefix.Span);
        var endsGroup = !after.IsEmpty && after.Span.StartsWith(prefix.Span) && GroupOf(after.Span) == after.Length;
        if (endsGroup)
        {
            After = PastGroup(after.Span);
        }
        else if (after.Span.SequenceCompareTo(prefix.Span) >= 0 && !after.IsEmpty)
        {
            After = after;
        }
        else
        {
            // The prefix itself may be a key: begin just before it.
            After = prefix;
            Inclusive = true;
        }
    }

    /// <summary>The listing goes on after this key.</summary>
    public ReadOnlyMemory<byte> After { get; private set; }

    /// <summary>Whether <see cref="After"/> itself still belongs to it.</summary>
    public bool Inclusive { get; private set; }

    /// <summary>The listing ends before this key.</summary>
    public byte[] End { get; }

    /// <summary>Length of the common prefix that <paramref name="key"/> rolls up to, 0 for none.</summary>
    public int GroupOf(ReadOnlySpan<byte> key)
    {
        if (_delimiter.IsEmpty)
        {
            return 0;
        }

        var at = key[_prefix.Length..].IndexOf(_delimiter.Span);
        return at < 0 ? 0 : _prefix.Length + at + _delimiter.Length;
    }

    /// <summary>Goes on after a key.</summary>
    public void SkipKey(ReadOnlyMemory<byte> key) => (After, Inclusive) = (key, false);

    /// <summary>Goes on after all keys of a group.</summary>
    public void SkipGroup(ReadOnlySpan<byte> group) => (After, Inclusive) = (PastGroup(group), false);

    private static byte[] PastGroup(ReadOnlySpan<byte> group)
    {
        var past = new byte[group.Length + 1];
        group.CopyTo(past);
        past[^1] = 0xFF;
        return past;
    }
}
