using System.Buffers;

namespace Vault.Protocol.Text;

/// <summary>Strict lower-case hexadecimal: our formats have one text for each value.</summary>
internal static class Hex
{
    private static readonly SearchValues<char> LowerDigits = SearchValues.Create("0123456789abcdef");

    /// <summary>Fills <paramref name="bytes"/> exactly; false when length or a character is wrong.</summary>
    internal static bool TryDecode(ReadOnlySpan<char> text, Span<byte> bytes) =>
        text.Length == bytes.Length * 2
        && IsLowerHex(text)
        && Convert.FromHexString(text, bytes, out _, out _) == OperationStatus.Done;

    internal static bool IsLowerHex(ReadOnlySpan<char> text) => !text.ContainsAnyExcept(LowerDigits);
}
