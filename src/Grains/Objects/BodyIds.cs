using Vault.Grains.Store;
using Vault.Sql;

namespace Vault.Grains.Objects;

/// <summary>
/// Ids of body rows for all index grains of a silo: unique in the cluster because each silo takes them in blocks from
/// the database, rising in the order of use because rows that are written together should lie together.
/// </summary>
internal sealed class BodyIds(Database database)
{
    private const long BlockIds = 1 << 24;

    private static readonly SqlQuery<long, long> TakeBlock = new(
        """
        insert into body_block (one, used) values (1, @ids)
        on conflict (one) do update set used = body_block.used + excluded.used
        returning used
        """,
        static (p, ids) => p.Bigint("ids", ids),
        static row => row.Bigint(0));

    private readonly Lock _lock = new();
    private Task? _filling;
    private long _next;
    private long _end;

    /// <summary>The first of <paramref name="count"/> ids in a row.</summary>
    public async ValueTask<long> TakeAsync(int count)
    {
        while (true)
        {
            Task filling;
            lock (_lock)
            {
                if (_end - _next >= count)
                {
                    var first = _next;
                    _next += count;
                    return first;
                }

                filling = _filling ??= FillAsync();
            }

            await filling;
        }
    }

    private async Task FillAsync()
    {
        await Task.Yield(); // the caller holds the lock
        try
        {
            var transaction = database.Begin(mayUseReserve: true);
            var used = transaction.Query(TakeBlock, BlockIds);
            await transaction.SendAsync(CancellationToken.None);
            lock (_lock)
            {
                (_next, _end) = (used.Rows[0] - BlockIds + 1, used.Rows[0] + 1);
            }
        }
        finally
        {
            lock (_lock)
            {
                _filling = null;
            }
        }
    }
}
