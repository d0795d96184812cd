using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Vault.S3Gateway.Routing;

namespace Vault.S3Gateway;

/// <summary>
/// One JSON line per request: time, request id, the client's address, first eight digits of the credential's lookup,
/// operation, status, bytes, milliseconds. Lines are collected and written ten times a second; when the disk or
/// terminal cannot keep up, lines are dropped and counted, requests never wait. Bucket, key and query are not in it.
/// </summary>
internal sealed partial class AccessLog(IOptions<S3Options> options, TimeProvider time, ILogger<AccessLog> logger)
    : BackgroundService
{
    private const int MaxWaitingBytes = 4 << 20;
    private const int MaxLineBytes = 384;
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(100);
    private static readonly byte[][] OperationNames =
        [.. Enum.GetNames<S3Operation>().Select(Encoding.ASCII.GetBytes)];

    private readonly Lock gate = new();
    private readonly bool enabled = options.Value.AccessLog is not ("" or "off");
    private ArrayBufferWriter<byte> filling = new(64 << 10);
    private ArrayBufferWriter<byte> flushing = new(64 << 10);
    private long dropped;

    /// <summary>Adds the line of one finished request.</summary>
    public void Write(S3Request request, int status, TimeSpan elapsed)
    {
        if (!enabled)
            return;
        Span<byte> line = stackalloc byte[MaxLineBytes];
        var length = Format(line, request, status, elapsed);
        lock (gate)
        {
            if (filling.WrittenCount + length > MaxWaitingBytes)
                dropped++;
            else
                filling.Write(line[..length]);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!enabled)
            return;
        await using var output = Open();
        using var timer = new PeriodicTimer(Period, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                await FlushAsync(output);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            await FlushAsync(output);
        }
    }

    private Stream Open() => options.Value.AccessLog == "-"
        ? Console.OpenStandardError()
        : new FileStream(options.Value.AccessLog, FileMode.Append, FileAccess.Write, FileShare.ReadWrite,
            bufferSize: 0);

    private async Task FlushAsync(Stream output)
    {
        long lost;
        lock (gate)
        {
            (filling, flushing) = (flushing, filling);
            (lost, dropped) = (dropped, 0);
        }

        if (lost > 0)
            LogDropped(lost);
        if (flushing.WrittenCount == 0)
            return;
        try
        {
            await output.WriteAsync(flushing.WrittenMemory);
        }
        catch (IOException failure)
        {
            LogUnwritten(failure.Message);
        }

        flushing.ResetWrittenCount();
    }

    private int Format(Span<byte> line, S3Request request, int status, TimeSpan elapsed)
    {
        var at = 0;
        Append(line, ref at, "{\"time\":\""u8);
        time.GetUtcNow().UtcDateTime.TryFormat(
            line[at..], out var written, "yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        at += written;
        Append(line, ref at, "\",\"log\":\"s3.access\",\"request_id\":\""u8);
        at += Encoding.ASCII.GetBytes(request.Id, line[at..]);
        Append(line, ref at, "\",\"remote\":\""u8);
        if (request.PeerAddress?.TryFormat(line[at..], out written) == true)
            at += written;
        Append(line, ref at, "\",\"credential\":\""u8);
        at += Encoding.ASCII.GetBytes(request.CallerOrNull?.LogName ?? "", line[at..]);
        Append(line, ref at, "\",\"operation\":\""u8);
        Append(line, ref at, OperationNames[(int)request.Operation]);
        Append(line, ref at, "\",\"status\":"u8);
        Append(line, ref at, status);
        Append(line, ref at, ",\"bytes_in\":"u8);
        Append(line, ref at, request.BytesIn);
        Append(line, ref at, ",\"bytes_out\":"u8);
        Append(line, ref at, request.BytesOut);
        Append(line, ref at, ",\"ms\":"u8);
        Utf8Formatter.TryFormat(elapsed.TotalMilliseconds, line[at..], out written, new StandardFormat('F', 3));
        at += written;
        Append(line, ref at, "}\n"u8);
        return at;
    }

    private static void Append(Span<byte> line, ref int at, ReadOnlySpan<byte> text)
    {
        text.CopyTo(line[at..]);
        at += text.Length;
    }

    private static void Append(Span<byte> line, ref int at, long number)
    {
        Utf8Formatter.TryFormat(number, line[at..], out var written);
        at += written;
    }

    [LoggerMessage(EventId = 5040, Level = LogLevel.Warning, Message = "{Count} lines of the access log were dropped")]
    private partial void LogDropped(long count);

    [LoggerMessage(EventId = 5041, Level = LogLevel.Warning, Message = "The access log could not be written: {Reason}")]
    private partial void LogUnwritten(string reason);
}
