using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Orleans.Runtime;

/// <summary>
/// Integer keys are hexadecimal without leading zeros, GUID keys 32 hexadecimal digits; an extension follows a
/// <c>+</c>.
/// </summary>
public static class GrainIdKeyExtensions
{
    private const int GuidLength = 32;

    /// <summary>The key of an integer.</summary>
    public static IdSpan CreateIntegerKey(long key) => CreateIntegerKey(key, []);

    /// <summary>The key of an integer and an extension.</summary>
    public static IdSpan CreateIntegerKey(long key, string? keyExtension) =>
        CreateIntegerKey(key, string.IsNullOrWhiteSpace(keyExtension) ? [] : Encoding.UTF8.GetBytes(keyExtension));

    /// <summary>The key of an integer and an extension.</summary>
    public static IdSpan CreateIntegerKey(long key, ReadOnlySpan<byte> keyExtension)
    {
        Span<byte> digits = stackalloc byte[16];
        Utf8Formatter.TryFormat(key, digits, out var length, 'X');
        return Join(digits[..length], keyExtension);
    }

    /// <summary>The key of a GUID.</summary>
    public static IdSpan CreateGuidKey(Guid key) => CreateGuidKey(key, []);

    /// <summary>The key of a GUID and an extension.</summary>
    public static IdSpan CreateGuidKey(Guid key, string? keyExtension) =>
        CreateGuidKey(key, string.IsNullOrWhiteSpace(keyExtension) ? [] : Encoding.UTF8.GetBytes(keyExtension));

    /// <summary>The key of a GUID and an extension.</summary>
    public static IdSpan CreateGuidKey(Guid key, ReadOnlySpan<byte> keyExtension)
    {
        Span<byte> digits = stackalloc byte[GuidLength];
        Utf8Formatter.TryFormat(key, digits, out _, 'N');
        return Join(digits, keyExtension);
    }

    /// <summary>Reads an integer key and its extension.</summary>
    public static bool TryGetIntegerKey(this GrainId grainId, out long key, out string? keyExt)
    {
        var digits = Split(grainId, grainId.Key.AsSpan().IndexOf((byte)'+'), out keyExt);
        return Utf8Parser.TryParse(digits, out key, out var read, 'X') && read == digits.Length && read > 0;
    }

    /// <summary>Reads an integer key, ignoring an extension.</summary>
    internal static bool TryGetIntegerKey(this GrainId grainId, out long key) =>
        grainId.TryGetIntegerKey(out key, out _);

    /// <summary>The integer key and its extension.</summary>
    /// <exception cref="ArgumentException">The key isn't of that form.</exception>
    public static long GetIntegerKey(this GrainId grainId, out string? keyExt)
    {
        if (!grainId.TryGetIntegerKey(out var key, out keyExt))
        {
            ThrowInvalidFormat(grainId, "an integer");
        }

        return key;
    }

    /// <summary>The integer key.</summary>
    /// <exception cref="ArgumentException">The key isn't of that form.</exception>
    public static long GetIntegerKey(this GrainId grainId) => grainId.GetIntegerKey(out _);

    /// <summary>Reads a GUID key and its extension.</summary>
    public static bool TryGetGuidKey(this GrainId grainId, out Guid key, out string? keyExt)
    {
        var bytes = grainId.Key.AsSpan();
        var extended = bytes.Length > GuidLength && bytes[GuidLength] == (byte)'+';
        var digits = Split(grainId, extended ? GuidLength : -1, out keyExt);
        key = default;
        return digits.Length == GuidLength && Utf8Parser.TryParse(digits, out key, out var read, 'N')
            && read == GuidLength;
    }

    /// <summary>Reads a GUID key, ignoring an extension.</summary>
    internal static bool TryGetGuidKey(this GrainId grainId, out Guid key) => grainId.TryGetGuidKey(out key, out _);

    /// <summary>The GUID key and its extension.</summary>
    /// <exception cref="ArgumentException">The key isn't of that form.</exception>
    public static Guid GetGuidKey(this GrainId grainId, out string? keyExt)
    {
        if (!grainId.TryGetGuidKey(out var key, out keyExt))
        {
            ThrowInvalidFormat(grainId, "a GUID");
        }

        return key;
    }

    /// <summary>The GUID key.</summary>
    /// <exception cref="ArgumentException">The key isn't of that form.</exception>
    public static Guid GetGuidKey(this GrainId grainId) => grainId.GetGuidKey(out _);

    private static IdSpan Join(ReadOnlySpan<byte> digits, ReadOnlySpan<byte> extension) =>
        new(extension.IsEmpty ? digits.ToArray() : [.. digits, (byte)'+', .. extension]);

    private static ReadOnlySpan<byte> Split(GrainId grainId, int plus, out string? extension)
    {
        var bytes = grainId.Key.AsSpan();
        extension = plus < 0 ? null : Encoding.UTF8.GetString(bytes[(plus + 1)..]);
        return plus < 0 ? bytes : bytes[..plus];
    }

    [DoesNotReturn]
    private static void ThrowInvalidFormat(GrainId grainId, string kind) =>
        throw new ArgumentException($"The key of grain '{grainId}' is not {kind}.", nameof(grainId));
}
