namespace Vault.Sql.Tests;

/// <summary>Keeps the writer thread inside a binder until released.</summary>
internal sealed class BlockedWriter : IDisposable
{
    private readonly ManualResetEventSlim go = new(), entered = new();
    private readonly Task commit;

    public BlockedWriter(Database database)
    {
        var wait = new SqlStatement<int>("select 1", (_, _) =>
        {
            entered.Set();
            go.Wait();
        });
        var transaction = database.Begin();
        transaction.Execute(wait, 0);
        commit = transaction.CommitAsync().AsTask();
        entered.Wait();
    }

    public Task ReleaseAsync()
    {
        go.Set();
        return commit;
    }

    public void Dispose()
    {
        go.Set();
        commit.Wait();
        go.Dispose();
        entered.Dispose();
    }
}
