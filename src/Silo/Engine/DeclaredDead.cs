using System.Runtime.InteropServices;

namespace Vault.Silo.Engine;

/// <summary>
/// A silo that was declared dead, or whose engine failed, ends its process at once: others have its grains already,
/// and what it holds in memory is of no use. Its supervisor starts it anew by the exit code.
/// </summary>
internal sealed partial class DeclaredDead(ILogger<DeclaredDead> logger) : IFatalErrorHandler
{
    /// <summary>Start me again: EX_TEMPFAIL of sysexits.h.</summary>
    public const int ExitCode = 75;

    public bool IsUnexpected(Exception exception) => true;

    public void OnFatalException(object? sender, string? context, Exception? exception)
    {
        LogEnds(context ?? "no reason given", exception);
        Exit(ExitCode);
    }

    /// <summary>Without any handler of the process: one that waits would keep a dead silo going.</summary>
    [LibraryImport("libc", EntryPoint = "_exit")]
    public static partial void Exit(int code);

    [LoggerMessage(EventId = 2901, Level = LogLevel.Critical, Message = "The silo ends: {Reason}")]
    private partial void LogEnds(string reason, Exception? exception);
}
