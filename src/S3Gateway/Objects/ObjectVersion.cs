namespace Vault.S3Gateway.Objects;

/// <summary>Version ids of buckets without versioning: the only version of a key is called <c>null</c>.</summary>
internal static class ObjectVersion
{
    /// <summary>Whether the id means the current version.</summary>
    public static bool IsCurrent(string? versionId) => versionId is null or "" or "null";

    /// <summary>Refuses ids that name no version here.</summary>
    /// <exception cref="S3Exception">404 NoSuchVersion.</exception>
    public static void RequireCurrent(string? versionId)
    {
        if (!IsCurrent(versionId))
            throw S3Errors.NoSuchVersion.Thrown();
    }
}
