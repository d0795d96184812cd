using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace Vault.Sql.Sqlite;

/// <summary>
/// Moves the write-ahead log into the database file, off the writer's path: a thread with its own connection copies
/// most of it while writing goes on; the writer itself copies the small rest between two groups and starts the log
/// again from its beginning. At the log's limit the writer waits, so the log is bounded.
/// </summary>
internal sealed unsafe partial class SqliteCheckpointer : IDisposable
{
    /// <summary>A rest that the writer may copy itself.</summary>
    private const int SmallRestFrames = 256;

    private const int MaximumPasses = 6;

    private readonly SqliteConnection connection;
    private readonly ILogger logger;
    private readonly int startFrames, limitFrames;
    private readonly int* frames = (int*)NativeMemory.AllocZeroed(sizeof(int));
    private readonly Lock copying = new();
    private readonly AutoResetEvent wake = new(false);
    private readonly Thread thread;
    private volatile bool running, restIsSmall, stopping;
    private int nextLimit;

    public SqliteCheckpointer(
        SqliteConnection writer, SqliteConnection own, SqliteOptions options, int pageBytes, ILogger logger)
    {
        (connection, this.logger) = (own, logger);
        startFrames = (int)Math.Max(1, options.CheckpointBytes / pageBytes);
        nextLimit = limitFrames = (int)Math.Max(startFrames + 1, options.LogLimitBytes / pageBytes);
        _ = Native.LogHook(writer.Handle, &OnCommit, (nint)frames);
        thread = new Thread(Run) { IsBackground = true, Name = "vault-sql-checkpoint" };
        thread.Start();
    }

    /// <summary>Frames in the log after the last commit.</summary>
    private int Frames => Volatile.Read(ref *frames);

    /// <summary>On the writer's thread, outside a transaction.</summary>
    public void BeforeGroup(SqliteConnection writer)
    {
        if (!restIsSmall && Frames < nextLimit)
        {
            return;
        }

        lock (copying)
        {
            restIsSmall = false;
            var started = Stopwatch.GetTimestamp();
            var code = Native.Checkpoint(writer.Handle, 0, Native.CheckpointRestart, out _, out _);
            if (code == Native.Ok)
            {
                *frames = 0;
                nextLimit = limitFrames;
            }
            else
            {
                // A reader holds the log: the writer goes on for a while before it waits again.
                nextLimit = Math.Max(limitFrames, Frames + startFrames);
                if (code != Native.Busy)
                {
                    LogFailed(logger, writer.Failure(code));
                }
            }

            var milliseconds = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
            LogFinished(logger, milliseconds, code);
        }
    }

    /// <summary>On the writer's thread, after a commit.</summary>
    public void AfterGroup()
    {
        if (Frames >= startFrames && !running && !restIsSmall)
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
        NativeMemory.Free(frames);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnCommit(nint context, nint connection, nint schema, int frames)
    {
        Volatile.Write(ref *(int*)context, frames);
        return Native.Ok;
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
            var code = Native.Checkpoint(connection.Handle, 0, Native.CheckpointPassive, out _, out var done);
            if (code is not (Native.Ok or Native.Busy))
            {
                LogFailed(logger, connection.Failure(code));
                return 0;
            }

            return Frames - done;
        }
    }

    [LoggerMessage(EventId = 7002, Level = LogLevel.Error, Message = "A checkpoint failed")]
    private static partial void LogFailed(ILogger logger, Exception failure);

    [LoggerMessage(EventId = 7003, Level = LogLevel.Debug,
        Message = "The log was restarted in {Milliseconds} ms (code {Code})")]
    private static partial void LogFinished(ILogger logger, double milliseconds, int code);
}
