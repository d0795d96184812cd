using Npgsql;

namespace Vault.Sql.Postgres;

/// <summary>
/// What a failure of PostgreSQL or of the connection means. An ERROR says that the transaction was rolled back; a FATAL
/// or a lost connection leaves the outcome of a sent commit unknown.
/// </summary>
internal static class PostgresErrors
{
    /// <summary>A failure before anything was sent.</summary>
    public static SqlException Connecting(Exception e)
        => new SqlUnavailableException($"PostgreSQL cannot be reached: {e.Message}", e);

    /// <summary>A failure of a read.</summary>
    public static SqlException Reading(NpgsqlException e)
        => e is PostgresException { IsFatal: false } error
            ? Answered(error)
            : new SqlUnavailableException($"PostgreSQL went away during a read: {e.Message}", e);

    /// <summary>A failure of a transaction that had been sent, or partly.</summary>
    public static SqlException Committing(NpgsqlException e)
        => e is PostgresException { IsFatal: false } error
            ? Answered(error)
            : new SqlUnknownOutcomeException($"PostgreSQL went away during a commit: {e.Message}", e);

    private static SqlException Answered(PostgresException e)
    {
        var message = $"{e.MessageText} (SQLSTATE {e.SqlState})";
        return e.SqlState switch
        {
            PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure =>
                new SqlConflictException(message, e),
            PostgresErrorCodes.DiskFull => new SqlFullException(message, e),
            PostgresErrorCodes.QueryCanceled or PostgresErrorCodes.LockNotAvailable
                or PostgresErrorCodes.ReadOnlySqlTransaction => new SqlUnavailableException(message, e),
            ['2', '3', ..] => new SqlConstraintException(message, e),
            ['5', '3' or '7' or '8', ..] or ['0', '8', ..] => new SqlUnavailableException(message, e),
            _ => new SqlException(message, e),
        };
    }

    extension(PostgresException e)
    {
        private bool IsFatal => e.InvariantSeverity is "FATAL" or "PANIC";
    }
}
