namespace Vault.Sql;

/// <summary>
/// The database refused or failed. Except for <see cref="SqlUnknownOutcomeException"/>, every kind says that the
/// transaction changed nothing.
/// </summary>
public class SqlException : Exception
{
    /// <summary>Creates the exception with what happened.</summary>
    public SqlException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}

/// <summary>A check of the transaction yielded no row; nothing happened.</summary>
public sealed class SqlCheckFailedException(int index, Exception? inner = null)
    : SqlException($"Check {index} of the transaction yielded no row.", inner)
{
    /// <summary>The failed statement's place in the transaction, as <see cref="SqlTransaction.Check"/> returned it.
    /// </summary>
    public int Index { get; } = index;
}

/// <summary>A constraint refused a row (duplicate key, null, reference); nothing happened.</summary>
public sealed class SqlConstraintException(string message, Exception? inner = null) : SqlException(message, inner);

/// <summary>A deadlock or serialization failure; nothing happened, and the transaction may be repeated.</summary>
public sealed class SqlConflictException(string message, Exception? inner = null) : SqlException(message, inner);

/// <summary>The database did not answer, refused the connection, or ran out of time; nothing happened.</summary>
public sealed class SqlUnavailableException(string message, Exception? inner = null) : SqlException(message, inner);

/// <summary>The disk is full or its reserve would be touched; nothing happened. Reads go on.</summary>
public sealed class SqlFullException(string message, Exception? inner = null) : SqlException(message, inner);

/// <summary>The commit may have been applied or not: it was sent, and its answer is missing.</summary>
public sealed class SqlUnknownOutcomeException(string message, Exception? inner = null) : SqlException(message, inner);
