namespace Vault.Versions;

/// <summary>Which of the two this program is.</summary>
internal static class Release
{
#if NEW_RELEASE
    public const string Name = "new";
#else
    public const string Name = "old";
#endif
}
