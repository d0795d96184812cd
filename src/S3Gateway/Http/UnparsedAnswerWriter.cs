using System.Globalization;
using System.IO.Pipelines;
using System.Text;

namespace Vault.S3Gateway.Http;

/// <summary>
/// A connection's writer that passes everything on, until the server has found a bad request: then the server's next
/// answer, which is a head without a body, becomes a refusal as S3 words it. An answer that has a request id is the
/// front door's own and passes.
/// </summary>
internal sealed class UnparsedAnswerWriter(PipeWriter inner) : PipeWriter
{
    private Memory<byte> offered;
    private S3Error? refusal;
    private string requestId = "";
    private bool isHead;

    public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

    public override long UnflushedBytes => inner.UnflushedBytes;

    /// <summary>The connection's request is refused; the server is about to answer it and to close.</summary>
    public void Refuse(S3Error error, string id, bool toHead) => (refusal, requestId, isHead) = (error, id, toHead);

    public override void Advance(int bytes)
    {
        if (refusal is null || bytes == 0 || !TryReplace(offered.Span[..bytes]))
            inner.Advance(bytes);
    }

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (refusal is null)
            return inner.GetMemory(sizeHint);
        return offered = inner.GetMemory(sizeHint);
    }

    public override Span<byte> GetSpan(int sizeHint = 0) =>
        refusal is null ? inner.GetSpan(sizeHint) : GetMemory(sizeHint).Span;

    public override void CancelPendingFlush() => inner.CancelPendingFlush();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => inner.CompleteAsync(exception);

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) =>
        inner.FlushAsync(cancellationToken);

    public override ValueTask<FlushResult> WriteAsync(
        ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default) =>
        inner.WriteAsync(source, cancellationToken);

    private bool TryReplace(ReadOnlySpan<byte> answer)
    {
        if (!answer.StartsWith("HTTP/1.1 "u8) || !answer.EndsWith("\r\n\r\n"u8))
            return false;
        var head = Encoding.ASCII.GetString(answer);
        var statusEnd = head.IndexOf("\r\n", StringComparison.Ordinal);
        if (!head.Contains("\r\nContent-Length: 0\r\n", StringComparison.Ordinal)
            || head.Contains("\r\nx-amz-request-id:", StringComparison.OrdinalIgnoreCase))
            return false;
        using var document = new S3XmlWriter();
        S3ErrorAnswer.Write(document, refusal!, requestId);
        refusal = null;
        var length = document.Written.Length.ToString(CultureInfo.InvariantCulture);
        var rest = head[statusEnd..].Replace(
            "\r\nContent-Length: 0\r\n",
            isHead ? "\r\nContent-Length: 0\r\n" : $"\r\nContent-Type: application/xml\r\nContent-Length: {length}\r\n",
            StringComparison.Ordinal);
        var text = $"{head[..statusEnd]}\r\nx-amz-request-id: {requestId}{rest}";
        inner.Advance(Encoding.ASCII.GetBytes(text, inner.GetSpan(text.Length)));
        if (!isHead)
        {
            document.Written.Span.CopyTo(inner.GetSpan(document.Written.Length));
            inner.Advance(document.Written.Length);
        }

        return true;
    }
}
