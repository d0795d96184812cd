using Vault.Grains.Abstractions.Credentials;
using Vault.Sql;

namespace Vault.Grains.Credentials;

/// <summary>
/// Changes of credentials, numbered in the order of their commits: the counter's row is locked until the commit.
/// </summary>
internal static class CredentialFeedTable
{
    /// <summary>Changes of one page at most.</summary>
    public const int PageRows = 1000;

    /// <summary>Where the feed stands.</summary>
    public static readonly SqlQuery<bool, FeedHead> Head = new(
        "select number from event_number where channel = 'credentials'",
        static (_, _) => { },
        static row => new FeedHead(row.Bigint(0)));

    /// <summary>The changes after a number.</summary>
    public static readonly SqlQuery<long, FeedRow> After = new(
        """
        select number, scope, subject, {now_ms} - at_ms from credential_change
        where number > @after order by number limit 1000
        """,
        static (p, after) => p.Bigint("after", after),
        static row => new FeedRow(
            row.Bigint(0),
            new CredentialChange
            {
                Scope = (CredentialScope)row.Bigint(1), Subject = row.Text(2), AgeMs = Math.Max(0, row.Bigint(3)),
            }));

    private static readonly SqlQuery<bool, long> Next = new(
        "update event_number set number = number + 1 where channel = 'credentials' returning number",
        static (_, _) => { },
        static row => row.Bigint(0));

    private static readonly SqlStatement<FeedChange> Insert = new(
        """
        insert into credential_change (number, scope, subject, at_ms)
        select number, @scope, @subject, {now_ms} from event_number where channel = 'credentials'
        """,
        static (p, change) =>
        {
            p.Bigint("scope", (long)change.Scope);
            p.Text("subject", change.Subject);
        });

    /// <summary>Nothing is kept in memory for longer than a minute; a reader this far behind reads all anew.</summary>
    private static readonly SqlStatement<bool> Forget = new(
        "delete from credential_change where at_ms < {now_ms} - 900000", static (_, _) => { });

    /// <summary>Queues a change, last in its transaction: the feed is locked from here to the commit.</summary>
    /// <returns>Its number, once committed.</returns>
    public static SqlResult<long> Add(SqlTransaction transaction, CredentialScope scope, string subject)
    {
        var number = transaction.Query(Next, true);
        transaction.Execute(Insert, new FeedChange(scope, subject));
        transaction.Execute(Forget, true);
        return number;
    }
}

/// <summary>A change to be written.</summary>
internal sealed record FeedChange(CredentialScope Scope, string Subject);

/// <summary>A change as read.</summary>
internal sealed record FeedRow(long Number, CredentialChange Change);

/// <summary>The newest number.</summary>
internal sealed record FeedHead(long Number);
