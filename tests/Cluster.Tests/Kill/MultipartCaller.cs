using System.Globalization;
using System.Text;

namespace Vault.Cluster.Tests.Kill;

/// <summary>Uploads in parts, completed or aborted, each request through the next gateway.</summary>
internal sealed class MultipartCaller(KillHistory history, S3Caller caller, KeyCaller keys)
{
    private const int PartBytes = 5 << 20;

    public async Task<bool> UploadAsync(int gateway, string key, Random random)
    {
        var id = history.NewId();
        var began = await caller.SendAsync(
            "begin", gateway, "POST", key, "?uploads=", [], KeyCaller.Mark(id));
        if (!began.IsSuccess) return Refused("begin", key, began);
        var upload = XmlText.Value(began.Body, "UploadId");
        var body = WriteValue.Bytes(
            id, random.Next(8) == 0 ? PartBytes + random.Next(100_000) : random.Next(100, 300_000));
        var list = new StringBuilder("<CompleteMultipartUpload>");
        for (var number = 1; (number - 1) * PartBytes < body.Length; number++)
        {
            var part = body.AsSpan((number - 1) * PartBytes);
            var sent = await caller.SendAsync(
                "part", gateway + number, "PUT", key, Query(number, upload),
                part[..Math.Min(PartBytes, part.Length)].ToArray());
            if (!sent.IsSuccess) return Refused("part", key, sent);
            list.Append(CultureInfo.InvariantCulture,
                $"<Part><PartNumber>{number}</PartNumber><ETag>{sent.ETag}</ETag></Part>");
        }

        if (random.Next(10) == 0) return await AbortAsync(gateway, key, upload);
        list.Append("</CompleteMultipartUpload>");
        return await CompleteAsync(gateway + 1, key, id, upload, Encoding.UTF8.GetBytes(list.ToString()));
    }

    /// <summary>Completes; when the outcome is unknown asks once more, which may find it completed already.</summary>
    private async Task<bool> CompleteAsync(int gateway, string key, long id, string upload, byte[] list)
    {
        var put = history.Keys.Put(key, KillHistory.Name(id)!, keys.By(gateway));
        var reply = await caller.SendAsync("complete", gateway, "POST", key, $"?uploadId={upload}", list);
        if (!reply.IsFailure || reply.WasNotSent) return keys.Changed(put, reply);
        var again = await caller.SendAsync("complete", gateway + 1, "POST", key, $"?uploadId={upload}", list);
        if (again.IsSuccess) put.Acknowledged();
        return false;
    }

    private async Task<bool> AbortAsync(int gateway, string key, string upload)
    {
        var reply = await caller.SendAsync("abort", gateway, "DELETE", key, $"?uploadId={upload}");
        return reply.IsSuccess || Refused("abort", key, reply);
    }

    private bool Refused(string kind, string key, in S3Reply reply)
    {
        if (!reply.IsFailure) caller.Unexpected($"{kind} of {key}", reply);
        return !reply.IsFailure;
    }

    private static string Query(int number, string upload) =>
        $"?partNumber={number.ToString(CultureInfo.InvariantCulture)}&uploadId={upload}";
}
