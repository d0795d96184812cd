namespace Vault.Runtime.Serialization;

/// <summary>An exception is cut rather than refused: the report of a failure must not fail.</summary>
internal static class ExceptionLimits
{
    public const int MaxInner = 8;
    public const int MaxTextChars = 16 << 10;

    public static string? Cut(string? text) => text?.Length > MaxTextChars ? text[..MaxTextChars] : text;
}
