using System.Globalization;

namespace Vault.Testing.Histories;

/// <summary>One call of a client on one key. Without an answer its outcome is unknown.</summary>
public sealed class Operation
{
    private readonly History? _history;

    internal Operation(History? history, string key, OperationKind kind, string? value, string by, long called)
    {
        (_history, Key, Kind, Value, By, Called) = (history, key, kind, value, by, called);
    }

    /// <summary>The key.</summary>
    public string Key { get; }

    /// <summary>What was asked.</summary>
    public OperationKind Kind { get; }

    /// <summary>The value written or read; null: nothing was there.</summary>
    public string? Value { get; private set; }

    /// <summary>Who asked.</summary>
    public string By { get; }

    /// <summary>When it was called, on the history's clock.</summary>
    public long Called { get; }

    /// <summary>When its answer came, on the history's clock.</summary>
    public long Answered { get; private set; } = long.MaxValue;

    /// <summary>What its client learned.</summary>
    public Outcome Outcome { get; private set; }

    internal bool Writes => Kind is OperationKind.Put or OperationKind.Create or OperationKind.Delete;

    /// <summary>The write was acknowledged.</summary>
    public void Acknowledged() => Answer(Outcome.Done);

    /// <summary>The create was refused because something was there.</summary>
    public void Refused()
    {
        if (Kind != OperationKind.Create)
        {
            throw new InvalidOperationException("Only creates are refused.");
        }

        Answer(Outcome.Refused);
    }

    /// <summary>The read returned this value; null: nothing was there.</summary>
    public void Returned(string? value)
    {
        if (Kind != OperationKind.Get)
        {
            throw new InvalidOperationException("Only reads return values.");
        }

        Value = value;
        Answer(Outcome.Done);
    }

    /// <summary>It took effect at some time since its call, or never will.</summary>
    public void Unknown()
    {
        if (Outcome != Outcome.Unknown)
        {
            throw new InvalidOperationException("It is known: " + this);
        }
    }

    /// <summary>It certainly never took effect.</summary>
    public void Failed() => Answer(Outcome.Failed);

    /// <inheritdoc/>
    public override string ToString()
    {
        var value = Kind switch
        {
            OperationKind.Put or OperationKind.Create => " " + Value,
            _ => "",
        };
        var outcome = Outcome switch
        {
            Outcome.Done when Kind == OperationKind.Get => Value ?? "nothing",
            Outcome.Done when Kind == OperationKind.Seen => "something",
            Outcome.Done => "done",
            Outcome.Refused => "refused, something was there",
            Outcome.Failed => "failed",
            _ => "unknown",
        };
        var until = Answered == long.MaxValue ? "…" : Answered.ToString(CultureInfo.InvariantCulture);
        return string.Create(
            CultureInfo.InvariantCulture, $"[{Called}..{until}] {By}: {Kind} {Key}{value} -> {outcome}");
    }

    internal static Operation Read(string key, string by, OperationKind kind, string? value, long called, long answered)
        => new(null, key, kind, value, by, called) { Answered = answered, Outcome = Outcome.Done };

    private void Answer(Outcome outcome)
    {
        if (Outcome != Outcome.Unknown)
        {
            throw new InvalidOperationException("An operation ends once: " + this);
        }

        Answered = _history!.Now();
        Outcome = outcome;
    }
}
