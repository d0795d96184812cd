using Microsoft.Extensions.Logging.Console;

namespace Vault.Silo.Serve;

/// <summary>How the process logs.</summary>
internal static class Logs
{
    /// <summary>One JSON object per line to standard error, with its moment in UTC, for standard output is a result's.</summary>
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
