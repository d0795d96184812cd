using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;

namespace Vault.Storage.Shards;

/// <summary>One accepted request; its answers are signed, so that nobody on the way can say "not found".</summary>
internal sealed class ShardExchange(HttpContext context, ShardSession session, ulong counter)
{
    public HttpContext Context => context;

    public CancellationToken Aborted => context.RequestAborted;

    /// <summary>An answer whose body is small and covered by the MAC.</summary>
    public async ValueTask AnswerAsync(int status, ReadOnlyMemory<byte> body = default)
    {
        Sign(status, body.Length, SHA256.HashData(body.Span));
        if (!body.IsEmpty) await context.Response.Body.WriteAsync(body, Aborted);
    }

    /// <summary>
    /// A shard: the reader's tag or the shard's own hash proves the bytes, the MAC only length and status.
    /// </summary>
    public async ValueTask SendShardAsync(ReadOnlyMemory<byte> shard)
    {
        Sign(StatusCodes.Status200OK, shard.Length, ShardMac.NoHash);
        await context.Response.Body.WriteAsync(shard, Aborted);
    }

    private void Sign(int status, int length, ReadOnlySpan<byte> hash)
    {
        Span<byte> mac = stackalloc byte[ShardMac.Size];
        ShardMac.Answer(session.Key, counter, status, length, hash, mac);
        context.Response.StatusCode = status;
        context.Response.ContentLength = length;
        context.Response.Headers[ShardWire.MacHeader] = Convert.ToHexStringLower(mac);
    }
}
