using Vault.Sql;

namespace Vault.Grains.Accounts;

/// <summary>Idempotency keys with the answers that were given.</summary>
internal static class IdempotencyTable
{
    public static readonly SqlQuery<string, IdempotencyRow> Read = new(
        "select request_hash, status, body, secret from idempotency where scope_key = @key",
        static (p, key) => p.Text("key", key),
        static row => new IdempotencyRow
        {
            RequestHash = row.Blob(0), Status = (int?)row.BigintOrNull(1), Body = row.TextOrNull(2),
            Secret = row.Bool(3),
        });

    /// <summary>As a check: nobody has it, or what was there has lapsed.</summary>
    public static readonly SqlStatement<IdempotencyClaim> Claim = new(
        """
        insert into idempotency (scope_key, request_hash, claimed_ms, secret) values (@key, @hash, {now_ms}, @no)
        on conflict (scope_key) do update set
          request_hash = excluded.request_hash, claimed_ms = excluded.claimed_ms, status = null, body = null,
          secret = excluded.secret
        where idempotency.claimed_ms <= {now_ms} - @life
          or (idempotency.status is null and idempotency.claimed_ms <= {now_ms} - @lapse)
        returning 1
        """,
        static (p, c) =>
        {
            p.Text("key", c.Key);
            p.Blob("hash", c.RequestHash.Span);
            p.Bool("no", false);
            p.Bigint("life", c.LifeMs);
            p.Bigint("lapse", c.LapseMs);
        });

    public static readonly SqlStatement<IdempotencyAnswer> Finish = new(
        """
        update idempotency set status = @status, body = @body, secret = @secret
        where scope_key = @key and status is null
        """,
        static (p, a) =>
        {
            p.Bigint("status", a.Status);
            p.Text("body", a.Body);
            p.Bool("secret", a.Secret);
            p.Text("key", a.Key);
        });
}

/// <summary>What is stored of a key.</summary>
internal sealed record IdempotencyRow
{
    public required byte[] RequestHash { get; init; }

    public required int? Status { get; init; }

    public required string? Body { get; init; }

    public required bool Secret { get; init; }
}

/// <summary>A claim; times in milliseconds.</summary>
internal sealed record IdempotencyClaim(string Key, ReadOnlyMemory<byte> RequestHash, long LifeMs, long LapseMs);

/// <summary>The answer that was given.</summary>
internal sealed record IdempotencyAnswer(string Key, int Status, string Body, bool Secret);
