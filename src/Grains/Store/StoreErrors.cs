using Vault.Grains.Abstractions.Wire;
using Vault.Sql;

namespace Vault.Grains.Store;

/// <summary>What the database's failures mean to a caller of a grain.</summary>
internal static class StoreErrors
{
    /// <summary>
    /// The exception that crosses the grain boundary, or null when the failure is not the database's mood.
    /// </summary>
    public static Exception? Translate(SqlException failure) => failure switch
    {
        SqlUnavailableException or SqlConflictException =>
            new StoreUnavailableException("The metadata database is away; nothing changed.", failure),
        SqlFullException => new StoreFullException("The metadata disk is full up to its reserve.", failure),
        SqlUnknownOutcomeException =>
            new OutcomeUnknownException("The commit was sent and its answer was lost.", failure),
        _ => null,
    };
}
