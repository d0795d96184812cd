using Microsoft.Extensions.Logging.Console;

namespace Vault.Silo.Serve;

/// <summary>How the process logs.</summary>
internal static class Logs
{
    /// <summary>
    /// One JSON object per line, with its moment in UTC, to standard error: standard output is for results.
    /// </summary>
    public static ILoggingBuilder AddJsonLines(this ILoggingBuilder log)
    {
        log.AddJsonConsole(console =>
        {
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";
        });
        log.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        return log;
    }
}
