namespace Vault.Testing.Histories;

/// <summary>What a client learned of its operation.</summary>
public enum Outcome
{
    /// <summary>No answer, a time-out, a 5xx: it took effect at some time since its call, or never will.</summary>
    Unknown,

    /// <summary>It took effect, or read what it returned, between call and answer.</summary>
    Done,

    /// <summary>A create that found something there.</summary>
    Refused,

    /// <summary>It certainly never took effect, and says nothing about the key.</summary>
    Failed,
}
