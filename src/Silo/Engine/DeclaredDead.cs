using System.Runtime.InteropServices;
using Vault.Silo.Serve;

namespace Vault.Silo.Engine;

/// <summary>
/// A silo that was declared dead, or whose engine failed, ends its process at once: others have its grains already,
/// and what it holds in memory is of no use. Its supervisor starts it anew by the exit code.
/// </summary>
internal sealed partial class DeclaredDead : IFatalErrorHandler
{
    /// <summary>Start me again: EX_TEMPFAIL of sysexits.h.</summary>
    public const int ExitCode = 75;

    public bool IsUnexpected(Exception exception) => true;

    public void OnFatalException(object? sender, string? context, Exception? exception) =>
        End<DeclaredDead>(ExitCode, log => LogEnds(log, context ?? "no reason given", exception));

    /// <summary>
    /// Says why and ends the process, without any handler of it: one that waits would keep a dead silo going. What its
    /// loggers still hold is lost with them, so the reason has one of its own, which is written out first.
    /// </summary>
    /// <typeparam name="T">Who says it.</typeparam>
    public static void End<T>(int code, Action<ILogger> tell)
    {
        try
        {
            using var log = LoggerFactory.Create(static log => log.AddJsonLines());
            tell(log.CreateLogger<T>());
        }
        finally
        {
            Exit(code); // whatever became of the line
        }
    }

    [LibraryImport("libc", EntryPoint = "_exit")]
    private static partial void Exit(int code);

    [LoggerMessage(EventId = 2901, Level = LogLevel.Critical, Message = "The silo ends: {Reason}")]
    private static partial void LogEnds(ILogger log, string reason, Exception? exception);
}
