using System.Collections.Immutable;
using Vault.Runtime.Invocation;

namespace Orleans.Runtime;

/// <summary>Values that flow from caller to callee with every call, never back.</summary>
public static class RequestContext
{
    private static readonly AsyncLocal<ContextValues?> s_values = new();

    /// <summary>The call chain that may re-enter; empty when none was allowed to.</summary>
    public static Guid ReentrancyId
    {
        get => s_values.Value?.ReentrancyId ?? Guid.Empty;
        set => s_values.Value = (s_values.Value ?? ContextValues.Empty) with { ReentrancyId = value };
    }

    /// <summary>The names that have values.</summary>
    public static IEnumerable<string> Keys => s_values.Value?.Entries.Keys ?? [];

    /// <summary>All values.</summary>
    public static IEnumerable<KeyValuePair<string, object>> Entries => s_values.Value?.Entries ?? [];

    internal static ContextValues? Values
    {
        get => s_values.Value;
        set => s_values.Value = value;
    }

    /// <summary>
    /// Lets calls made until the result is disposed come back to this activation while it waits for them.
    /// </summary>
    public static ReentrancySection AllowCallChainReentrancy()
    {
        var before = ReentrancyId;
        var turn = Turn.Running;
        var id = before == Guid.Empty ? Guid.NewGuid() : before;
        if (turn is not null)
        {
            turn.ReentrancyId = id;
        }

        ReentrancyId = id;
        return new ReentrancySection(before, id);
    }

    /// <summary>Withdraws <see cref="AllowCallChainReentrancy"/> until the result is disposed.</summary>
    public static ReentrancySection SuppressCallChainReentrancy()
    {
        var before = ReentrancyId;
        ReentrancyId = Guid.Empty;
        return new ReentrancySection(before, Guid.Empty);
    }

    /// <summary>A value, or null.</summary>
    public static object? Get(string key) => s_values.Value?.Entries.GetValueOrDefault(key);

    /// <summary>Sets a value for calls made from here.</summary>
    public static void Set(string key, object value)
    {
        var values = s_values.Value ?? ContextValues.Empty;
        s_values.Value = values with { Entries = values.Entries.SetItem(key, value) };
    }

    /// <summary>Removes a value; whether there was one.</summary>
    public static bool Remove(string key)
    {
        if (s_values.Value is not { } values || !values.Entries.ContainsKey(key))
        {
            return false;
        }

        s_values.Value = values with { Entries = values.Entries.Remove(key) };
        return true;
    }

    /// <summary>Removes all values.</summary>
    public static void Clear() => s_values.Value = null;

    /// <summary>Ends a change of call chain reentrancy.</summary>
    public readonly struct ReentrancySection : IDisposable
    {
        private readonly Guid _before;
        private readonly Guid _now;

        internal ReentrancySection(Guid before, Guid now) => (_before, _now) = (before, now);

        /// <inheritdoc/>
        public void Dispose()
        {
            if (_before != _now)
            {
                ReentrancyId = _before;
            }
        }
    }
}

internal sealed record ContextValues(ImmutableDictionary<string, object> Entries, Guid ReentrancyId)
{
    internal static ContextValues Empty { get; } = new(ImmutableDictionary<string, object>.Empty, Guid.Empty);
}
