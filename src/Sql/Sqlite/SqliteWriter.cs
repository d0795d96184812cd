using Microsoft.Extensions.Logging;
using static SQLitePCL.raw;

namespace Vault.Sql.Sqlite;

/// <summary>
/// The one thread that changes the database. It takes what waits, runs it in one transaction, syncs once, then
/// answers everybody. A member that fails leaves no trace and fails alone.
/// </summary>
internal sealed partial class SqliteWriter
{
    private readonly SqliteConnection connection;
    private readonly WriterQueue queue;
    private readonly SqliteCheckpointer checkpointer;
    private readonly DiskReserve reserve;
    private readonly ILogger logger;
    private readonly SqliteStatement begin, commit, rollback, savepoint, release, rollbackTo;
    private readonly List<PendingCommit> group = [];
    private readonly Thread thread;

    public SqliteWriter(
        SqliteConnection connection, WriterQueue queue, SqliteCheckpointer checkpointer, DiskReserve reserve,
        ILogger logger)
    {
        (this.connection, this.queue, this.checkpointer) = (connection, queue, checkpointer);
        (this.reserve, this.logger) = (reserve, logger);
        begin = connection.Prepare("begin immediate");
        commit = connection.Prepare("commit");
        rollback = connection.Prepare("rollback");
        savepoint = connection.Prepare("savepoint member");
        release = connection.Prepare("release member");
        rollbackTo = connection.Prepare("rollback to member");
        thread = new Thread(Run) { IsBackground = true, Name = "vault-sql-writer" };
        thread.Start();
    }

    public void Stop()
    {
        queue.Dispose();
        thread.Join();
        foreach (var statement in (ReadOnlySpan<SqliteStatement>)
            [begin, commit, rollback, savepoint, release, rollbackTo])
        {
            statement.Dispose();
        }
    }

    private void Run()
    {
        while (queue.Take(group, out var job))
        {
            checkpointer.BeforeGroup(connection);
            if (job is not null)
            {
                job(connection);
                checkpointer.AfterGroup(connection);
                continue;
            }

            if (group.Count > 0)
            {
                CommitGroup();
                foreach (var member in group)
                {
                    member.Complete();
                }

                group.Clear();
                checkpointer.AfterGroup(connection);
            }
        }
    }

    private void CommitGroup()
    {
        var low = reserve.IsLow();
        foreach (var member in group)
        {
            if (low && !member.Transaction.MayUseReserve)
            {
                member.Failure = new SqlFullException(reserve.Explanation);
            }
        }

        // First without savepoints: a member that fails before it has changed anything needs none. When one fails
        // later, the group starts again with a savepoint around each member.
        if (!TryMembers(savepoints: false) && !TryMembers(savepoints: true))
        {
            return;
        }

        var code = StepOnce(commit);
        if (code == SQLITE_DONE)
        {
            return;
        }

        var failure = connection.Failure(code);
        LogCommitFailed(logger, failure, group.Count);
        RollBack();
        FailAll((code & 0xFF) == SQLITE_IOERR
            ? new SqlUnknownOutcomeException($"The commit failed while it was written: {failure.Message}", failure)
            : failure);
    }

    /// <summary>Runs the members inside a new transaction.</summary>
    /// <returns>
    /// True when the transaction is ready to commit; false when it was rolled back, either to be tried again with
    /// savepoints or with every member failed.
    /// </returns>
    private bool TryMembers(bool savepoints)
    {
        var code = StepOnce(begin);
        if (code != SQLITE_DONE)
        {
            FailAll(connection.Failure(code));
            return false;
        }

        foreach (var member in group)
        {
            if (member.Failure is not null)
            {
                continue;
            }

            if (savepoints)
            {
                StepOnce(savepoint);
            }

            var failure = RunMember(member.Transaction, out var changed);
            if (failure is not null)
            {
                if (!connection.InTransaction || failure is SqlFullException or SqlUnavailableException)
                {
                    RollBack();
                    FailAll(failure);
                    return false;
                }

                if (changed && !savepoints)
                {
                    RollBack();
                    return false;
                }

                member.Failure = failure;
                if (savepoints)
                {
                    StepOnce(rollbackTo);
                }
            }

            if (savepoints)
            {
                StepOnce(release);
            }
        }

        return true;
    }

    private Exception? RunMember(SqlTransaction transaction, out bool changed)
    {
        changed = false;
        try
        {
            transaction.Decision?.Run(connection);
        }
#pragma warning disable CA1031 // as below
        catch (Exception e)
#pragma warning restore CA1031
        {
            return e;
        }

        var steps = transaction.Steps;
        for (var i = 0; i < steps.Count; i++)
        {
            try
            {
                if (RunStep(steps[i], ref changed) == 0 && steps[i].IsCheck)
                {
                    return new SqlCheckFailedException(i);
                }
            }
#pragma warning disable CA1031 // a binder or reader that throws must fail its own member, not its neighbours
            catch (Exception e)
#pragma warning restore CA1031
            {
                return e;
            }
        }

        return null;
    }

    private int RunStep(TransactionStep step, ref bool changed)
    {
        var statement = connection.Statement(step.Definition);
        step.Begin();
        try
        {
            step.Bind(statement.BeginBind());
            statement.EndBind();
            var rows = 0;
            while (statement.Next())
            {
                // The first row of a change comes after all of it is done.
                changed |= !statement.IsReadOnly;
                rows++;
                if (step.HasReader)
                {
                    step.Read(statement.Row);
                }
                else if (statement.IsReadOnly)
                {
                    break;
                }
            }

            changed |= !statement.IsReadOnly && !(step.IsCheck && rows == 0);
            return rows;
        }
        finally
        {
            statement.Reset();
        }
    }

    private void FailAll(Exception failure)
    {
        foreach (var member in group)
        {
            member.Failure ??= failure;
        }
    }

    private void RollBack()
    {
        if (connection.InTransaction)
        {
            StepOnce(rollback);
        }
    }

    private static int StepOnce(SqliteStatement statement)
    {
        var code = statement.Step();
        statement.Reset();
        return code;
    }

    [LoggerMessage(EventId = 7001, Level = LogLevel.Error, Message = "A commit of {Members} transactions failed")]
    private static partial void LogCommitFailed(ILogger logger, Exception failure, int members);
}
