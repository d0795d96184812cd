using Orleans.Serialization;

namespace Vault.Runtime.Serialization;

/// <summary>
/// Keyed collections are rebuilt with the default comparer, so one with another comparer does not travel.
/// </summary>
internal static class Comparers
{
    /// <exception cref="SerializerException">The collection would behave otherwise on the far side.</exception>
    public static void RequireDefault<T>(IEqualityComparer<T> comparer)
    {
        if (!ReferenceEquals(comparer, EqualityComparer<T>.Default) && !Equals(comparer, EqualityComparer<T>.Default)
            && !(typeof(T) == typeof(string) && ReferenceEquals(comparer, StringComparer.Ordinal)))
        {
            throw new SerializerException(
                $"A collection of {typeof(T)} has a comparer of its own, which cannot travel.");
        }
    }
}
