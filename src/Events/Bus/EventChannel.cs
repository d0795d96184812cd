namespace Vault.Events.Bus;

/// <summary>What a wake-up can be about: a closed set. Each has rows with rising numbers to be read again.</summary>
public enum EventChannel
{
    /// <summary>Changes of the membership; the number is its revision.</summary>
    Views,

    /// <summary>Credentials, projects and tenants that are no longer what was read of them.</summary>
    Credentials,
}

/// <summary>Names of channels, as they travel.</summary>
public static class EventChannels
{
    /// <summary>Every channel, in the order of its value.</summary>
    public static IReadOnlyList<EventChannel> All { get; } = Enum.GetValues<EventChannel>();

    /// <summary>The name by which transports and metrics know it.</summary>
    public static string Name(this EventChannel channel) => channel switch
    {
        EventChannel.Views => "views",
        EventChannel.Credentials => "credentials",
        _ => throw new ArgumentOutOfRangeException(nameof(channel), channel, null),
    };

    /// <summary>The channel of a name; false when it is none of ours.</summary>
    public static bool TryParse(ReadOnlySpan<char> name, out EventChannel channel)
    {
        foreach (var one in All)
        {
            if (!name.SequenceEqual(one.Name())) continue;
            channel = one;
            return true;
        }

        channel = default;
        return false;
    }
}
