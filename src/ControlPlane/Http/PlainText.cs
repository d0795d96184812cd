namespace Vault.ControlPlane.Http;

/// <summary>Names and labels: texts of one line that people read.</summary>
internal static class PlainText
{
    public const string Rule = "without control characters";

    /// <summary>Whether the length is right and no character is a control character.</summary>
    public static bool IsPlain(string? text, int least, int most) =>
        text is not null && text.Length >= least && text.Length <= most && !text.Any(char.IsControl);
}
