namespace Vault.Protocol.Macaroons;

/// <summary>What came of proving a macaroon.</summary>
public enum CapabilityOutcome
{
    /// <summary>Proven.</summary>
    Ok,

    /// <summary>The text or binary form could not be read.</summary>
    Malformed,

    /// <summary>The identifier isn't one of ours, or its master key is retired.</summary>
    UnknownKey,

    /// <summary>A signature is wrong.</summary>
    BadSignature,

    /// <summary>A signature is missing where it is needed.</summary>
    SignatureMissing,

    /// <summary>A signature is present where none may be: a whole macaroon in the place of a security token.</summary>
    SignaturePresent,

    /// <summary>A third-party caveat has no discharge, or its key could not be opened.</summary>
    MissingDischarge,

    /// <summary>A discharge answers no caveat.</summary>
    UnusedDischarge,

    /// <summary>Discharges are nested deeper than four.</summary>
    TooDeep,

    /// <summary>A first-party caveat is unknown, malformed, or names a second project or tenant.</summary>
    UnknownCaveat,
}
