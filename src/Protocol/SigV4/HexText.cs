using System.Buffers;

namespace Vault.Protocol.SigV4;

internal static class HexText
{
    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789abcdefABCDEF");

    public static bool IsHex(ReadOnlySpan<char> text) => !text.ContainsAnyExcept(Digits);

    public static bool TryDecode(ReadOnlySpan<char> text, Span<byte> bytes) =>
        text.Length == bytes.Length * 2
        && Convert.FromHexString(text, bytes, out _, out var written) == OperationStatus.Done
        && written == bytes.Length;

    public static bool TryDecode(ReadOnlySpan<byte> text, Span<byte> bytes) =>
        text.Length == bytes.Length * 2
        && Convert.FromHexString(text, bytes, out _, out var written) == OperationStatus.Done
        && written == bytes.Length;

    public static void Encode(ReadOnlySpan<byte> bytes, Span<byte> text) =>
        Convert.TryToHexStringLower(bytes, text, out _);
}
