using Vault.Grains.Abstractions.Accounts;
using Vault.Sql;

namespace Vault.Grains.Accounts;

/// <summary>Minted tokens: what a list shows of them, never the tokens.</summary>
internal static class TokenTable
{
    /// <summary>The time of revocation is the token's own, not that of one that it derives from.</summary>
    public static readonly SqlQuery<TokenPage, IssuedToken> List = new(
        """
        select t.tail_hash, t.label, t.created_ms, t.expires_ms, r.at_ms
        from issued_token t left join revocation r on r.project_id = t.project_id and r.tail_hash = t.tail_hash
        where t.project_id = @project and t.tail_hash > @after
          and (t.expires_ms is null or t.expires_ms > {now_ms})
        order by t.tail_hash limit @limit
        """,
        static (p, page) =>
        {
            p.Text("project", page.ProjectId);
            p.Blob("after", page.After.Span);
            p.Bigint("limit", page.Limit);
        },
        static row => new IssuedToken
        {
            TailHash = row.Blob(0),
            Label = row.Text(1),
            CreatedMs = row.Bigint(2),
            ExpiresMs = row.BigintOrNull(3),
            RevokedMs = row.BigintOrNull(4),
        });

    public static readonly SqlStatement<TokenRow> Insert = new(
        """
        insert into issued_token (project_id, tail_hash, label, created_ms, expires_ms)
        values (@project, @tail, @label, {now_ms}, @expires)
        on conflict (project_id, tail_hash) do nothing
        """,
        static (p, row) =>
        {
            p.Text("project", row.ProjectId);
            p.Blob("tail", row.Token.TailHash.Span);
            p.Text("label", row.Token.Label);
            p.Bigint("expires", row.Token.ExpiresMs);
        });

    /// <summary>With each new token, so that the list is bounded by the tokens that are alive.</summary>
    public static readonly SqlStatement<string> DeleteExpired = new(
        "delete from issued_token where project_id = @project and expires_ms <= {now_ms}",
        static (p, project) => p.Text("project", project));

    /// <summary>As a check: the token was minted for this project.</summary>
    public static readonly SqlStatement<RevokedTail> Share = new(
        "select 1 from issued_token where project_id = @project and tail_hash = @tail for share",
        static (p, tail) =>
        {
            p.Text("project", tail.ProjectId);
            p.Blob("tail", tail.TailHash.Span);
        });
}

/// <summary>A project's tokens after a tail.</summary>
internal readonly record struct TokenPage(string ProjectId, ReadOnlyMemory<byte> After, int Limit);

/// <summary>A token to be listed.</summary>
internal sealed record TokenRow(string ProjectId, NewToken Token);
