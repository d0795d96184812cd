namespace Vault.Testing.Histories;

/// <summary>What a client asks of a key.</summary>
public enum OperationKind
{
    /// <summary>Writes a value whatever is there.</summary>
    Put,

    /// <summary>Writes a value where nothing is (If-None-Match: *).</summary>
    Create,

    /// <summary>Removes what is there, if anything is.</summary>
    Delete,

    /// <summary>Reads the value.</summary>
    Get,

    /// <summary>Reads that something is there, not what.</summary>
    Seen,
}
