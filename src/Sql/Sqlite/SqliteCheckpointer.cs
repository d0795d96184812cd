using System.Diagnostics;
using Microsoft.Extensions.Logging;
using static SQLitePCL.raw;

namespace Vault.Sql.Sqlite;

/// <summary>
/// Moves the write-ahead log into the database file, off the writer's path: a thread with its own connection copies
/// most of it while writing goes on; the writer itself copies the small rest between two groups and starts the log
/// again from its beginning. At the log's limit the writer waits, so the log is bounded.
/// </summary>
internal sealed partial class SqliteCheckpointer : IDisposable
{
    /// <summary>A rest that the writer may copy itself.</summary>
    private const int SmallRestFrames = 256;

    private const int MaximumPasses = 6;

    /// <summary>SQLITE_CHECKPOINT_NOOP: only tells how long the log is; the binding has no name for it yet.</summary>
    private const int CheckpointNothing = -1;

    private readonly SqliteConnection connection;
    private readonly ILogger logger;
    private readonly int startFrames, limitFrames;
    private readonly Lock copying = new();
    private readonly AutoResetEvent wake = new(false);
    private readonly Thread thread;
    private volatile bool running, restIsSmall, stopping;
    private int nextLimit;

    /// <summary>Frames in the log after the last commit.</summary>
    private volatile int frames;

    public SqliteCheckpointer(SqliteConnection own, SqliteOptions options, int pageBytes, ILogger logger)
    {
        (connection, this.logger) = (own, logger);
        startFrames = (int)Math.Max(1, options.CheckpointBytes / pageBytes);
        nextLimit = limitFrames = (int)Math.Max(startFrames + 1, options.LogLimitBytes / pageBytes);
        thread = new Thread(Run) { IsBackground = true, Name = "vault-sql-checkpoint" };
        thread.Start();
    }

    /// <summary>On the writer's thread, outside a transaction.</summary>
    public void BeforeGroup(SqliteConnection writer)
    {
        if (!restIsSmall && frames < nextLimit)
        {
            return;
        }

        lock (copying)
        {
            restIsSmall = false;
            var started = Stopwatch.GetTimestamp();
            var code = sqlite3_wal_checkpoint_v2(writer.Handle, null, SQLITE_CHECKPOINT_RESTART, out _, out _);
            if (code == SQLITE_OK)
            {
                frames = 0;
                nextLimit = limitFrames;
            }
            else
            {
                // A reader holds the log: the writer goes on for a while before it waits again.
                nextLimit = Math.Max(limitFrames, frames + startFrames);
                if (code != SQLITE_BUSY)
                {
                    LogFailed(logger, writer.Failure(code));
                }
            }

            var milliseconds = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
            LogFinished(logger, milliseconds, code);
        }
    }

    /// <summary>On the writer's thread, after a commit.</summary>
    public void AfterGroup(SqliteConnection writer)
    {
        if (sqlite3_wal_checkpoint_v2(writer.Handle, null, CheckpointNothing, out var length, out _) == SQLITE_OK)
        {
            frames = length;
        }

        if (frames >= startFrames && !running && !restIsSmall)
        {
            running = true;
            wake.Set();
        }
    }

    public void Dispose()
    {
        stopping = true;
        wake.Set();
        thread.Join();
        connection.Dispose();
        wake.Dispose();
    }

    private void Run()
    {
        while (wake.WaitOne() && !stopping)
        {
            for (var pass = 0; pass < MaximumPasses && !stopping; pass++)
            {
                if (CopyMost() <= SmallRestFrames)
                {
                    break;
                }
            }

            restIsSmall = true;
            running = false;
        }
    }

    /// <summary>One pass over what is in the log now.</summary>
    /// <returns>Frames that were added meanwhile or that a reader holds back.</returns>
    private int CopyMost()
    {
        lock (copying)
        {
            var code = sqlite3_wal_checkpoint_v2(
                connection.Handle, null, SQLITE_CHECKPOINT_PASSIVE, out _, out var done);
            if (code is not (SQLITE_OK or SQLITE_BUSY))
            {
                LogFailed(logger, connection.Failure(code));
                return 0;
            }

            return frames - done;
        }
    }

    [LoggerMessage(EventId = 7002, Level = LogLevel.Error, Message = "A checkpoint failed")]
    private static partial void LogFailed(ILogger logger, Exception failure);

    [LoggerMessage(EventId = 7003, Level = LogLevel.Debug,
        Message = "The log was restarted in {Milliseconds} ms (code {Code})")]
    private static partial void LogFinished(ILogger logger, double milliseconds, int code);
}
