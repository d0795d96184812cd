using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Vault.Protocol.Ids;
using Vault.Storage.Volumes;

namespace Vault.Storage.Shards;

/// <summary>
/// A node's side of the shard protocol: the volumes of this process, for whoever has the cluster's secret. Each request
/// is signed and taken once; memory for a body is asked for after the signature, its length and the volume's room.
/// </summary>
/// <remarks>docs/spec/shards.md.</remarks>
internal sealed class ShardEndpoints(
    ShardClient shards, ShardNetwork network, ShardSessions sessions, ShardInstruments instruments, TimeProvider time)
{
    private const int Gone = StatusCodes.Status410Gone;

    /// <summary>Answers one request; the host has picked the port.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        var began = time.GetTimestamp();
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        if (!ShardCall.TryParse(context.Request.Method, target, out var call))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        try
        {
            await (call.Operation == ShardOperation.Session
                ? OpenSessionAsync(context)
                : AnswerAsync(context, call, target));
        }
        catch (Exception e) when (e is OperationCanceledException or IOException
            && context.RequestAborted.IsCancellationRequested)
        {
            return; // the caller went away
        }

        instruments.Served(Name(call.Operation), context.Response.StatusCode, time.GetElapsedTime(began));
    }

    internal static string Name(ShardOperation operation) => operation switch
    {
        ShardOperation.Store => "store",
        ShardOperation.Read => "read",
        ShardOperation.Delete => "delete",
        ShardOperation.Report => "report",
        ShardOperation.Stat => "stat",
        ShardOperation.List => "list",
        ShardOperation.Ping => "ping",
        _ => "session",
    };

    private async Task OpenSessionAsync(HttpContext context)
    {
        var hello = new byte[ShardSessions.HelloSize];
        var welcome = context.Request.ContentLength == hello.Length && await ReadAllAsync(context, hello)
            ? sessions.Open(hello)
            : null;
        if (welcome is null)
        {
            Refuse(context);
            return;
        }

        instruments.Opened();
        context.Response.ContentLength = welcome.Length;
        await context.Response.Body.WriteAsync(welcome, context.RequestAborted);
    }

    private async Task AnswerAsync(HttpContext context, ShardCall call, string target)
    {
        var length = context.Request.ContentLength ?? 0;
        byte[] small = [];
        var hash = new byte[SHA256.HashSizeInBytes];
        if (call.Operation == ShardOperation.Store)
        {
            call.Cid.WriteTo(hash);
        }
        else if (call.Operation == ShardOperation.Stat)
        {
            if (length is < 1 or > ShardCall.MaxStats * ShardWire.StatSize || length % ShardWire.StatSize != 0)
            {
                Refuse(context);
                return;
            }

            small = new byte[length];
            if (!await ReadAllAsync(context, small)) return;
            SHA256.HashData(small, hash);
        }
        else if (length != 0)
        {
            Refuse(context);
            return;
        }

        if (!sessions.TryAccept(
            context.Request.Headers[ShardWire.AuthHeader].ToString(), context.Request.Method, target, length, hash,
            out var session, out var counter))
        {
            Refuse(context);
            return;
        }

        var exchange = new ShardExchange(context, session, counter);
        try
        {
            await (call.Operation == ShardOperation.Ping
                ? exchange.AnswerAsync(StatusCodes.Status200OK)
                : shards.Local(call.Volume) is not { } volume
                    ? exchange.AnswerAsync(Gone)
                    : ServeAsync(exchange, volume, call, length, small));
        }
        catch (VolumeFullException) when (!context.Response.HasStarted)
        {
            await exchange.AnswerAsync(StatusCodes.Status507InsufficientStorage);
        }
        catch (VolumeCorruptException) when (!context.Response.HasStarted)
        {
            await exchange.AnswerAsync(StatusCodes.Status409Conflict);
        }
        catch (Exception e) when (e is IOException and not BadHttpRequestException or ObjectDisposedException
            && !context.Response.HasStarted && !exchange.Aborted.IsCancellationRequested)
        {
            await exchange.AnswerAsync(StatusCodes.Status503ServiceUnavailable);
        }
    }

    private ValueTask ServeAsync(ShardExchange exchange, Volume volume, ShardCall call, long length, byte[] body) =>
        call.Operation switch
        {
            ShardOperation.Store => StoreAsync(exchange, volume, call, length),
            ShardOperation.Read => ReadAsync(exchange, volume, call),
            ShardOperation.Delete => DeleteAsync(exchange, volume, call),
            ShardOperation.Report => ReportAsync(exchange, volume, call),
            ShardOperation.Stat => StatAsync(exchange, volume, body),
            _ => ListAsync(exchange, volume, call),
        };

    private async ValueTask StoreAsync(ShardExchange exchange, Volume volume, ShardCall call, long length)
    {
        if (length is < 1 or > ShardCall.MaxShardBytes || length > volume.MaxBodyBytes)
        {
            await exchange.AnswerAsync(StatusCodes.Status413PayloadTooLarge);
            return;
        }

        if (volume.State != VolumeState.Open)
        {
            await exchange.AnswerAsync(volume.State == VolumeState.Full
                ? StatusCodes.Status507InsufficientStorage
                : StatusCodes.Status503ServiceUnavailable);
            return;
        }

        using var buffer = await network.NodeBuffers.RentAsync((int)length, exchange.Aborted);
        var shard = buffer.Memory[..(int)length];
        if (!await ReadAllAsync(exchange.Context, shard)) return;
        if (Cid.Compute(shard.Span) != call.Cid)
        {
            await exchange.AnswerAsync(StatusCodes.Status422UnprocessableEntity);
            return;
        }

        // Not cancelled by a caller that goes away: the volume reads the buffer until the record is durable.
        var receipt = await volume.AppendAsync(
            new ShardHeader(call.Cid, call.ObjectId, call.ChunkIndex, call.ShardIndex), shard, CancellationToken.None);
        var answer = new byte[ShardWire.ReceiptSize];
        ShardWire.Write(answer, receipt);
        await exchange.AnswerAsync(StatusCodes.Status200OK, answer);
    }

    private async ValueTask ReadAsync(ShardExchange exchange, Volume volume, ShardCall call)
    {
        if (volume.Find(call.Cid) is not { State: not ShardState.Trashed } record
            || record.BodyBytes > ShardCall.MaxShardBytes)
        {
            await exchange.AnswerAsync(StatusCodes.Status404NotFound);
            return;
        }

        using var buffer = await network.NodeBuffers.RentAsync(Math.Max(1, record.BodyBytes), exchange.Aborted);
        var read = await volume.ReadAsync(
            call.Cid, buffer.Memory[..record.BodyBytes], call.Sequence, ct: CancellationToken.None);
        await (read < 0
            ? exchange.AnswerAsync(StatusCodes.Status404NotFound)
            : exchange.SendShardAsync(buffer.Memory[..read]));
    }

    private static async ValueTask DeleteAsync(ShardExchange exchange, Volume volume, ShardCall call)
    {
        await volume.DeleteAsync(call.Cid, call.Sequence, CancellationToken.None);
        await exchange.AnswerAsync(StatusCodes.Status200OK);
    }

    private static async ValueTask ReportAsync(ShardExchange exchange, Volume volume, ShardCall call)
    {
        await volume.ReportUnreadableAsync(call.Cid, exchange.Aborted);
        await exchange.AnswerAsync(StatusCodes.Status200OK);
    }

    private static ValueTask StatAsync(ShardExchange exchange, Volume volume, byte[] asked)
    {
        var answer = new byte[asked.Length / ShardWire.StatSize];
        for (var i = 0; i < answer.Length; i++)
            answer[i] = (byte)ShardClient.Stat(volume, Cid.FromBytes(asked.AsSpan(i * ShardWire.StatSize, Cid.Size)));
        return exchange.AnswerAsync(StatusCodes.Status200OK, answer);
    }

    private static ValueTask ListAsync(ShardExchange exchange, Volume volume, ShardCall call)
    {
        var records = new ShardRecord[call.Limit];
        var count = volume.List(call.Sequence, records);
        var answer = new byte[count * ShardWire.RecordSize];
        for (var i = 0; i < count; i++) ShardWire.Write(answer.AsSpan(i * ShardWire.RecordSize), records[i]);
        return exchange.AnswerAsync(StatusCodes.Status200OK, answer);
    }

    private void Refuse(HttpContext context)
    {
        instruments.Refused();
        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
    }

    /// <summary>False when the body ended early; nobody waits for an answer then.</summary>
    private static async ValueTask<bool> ReadAllAsync(HttpContext context, Memory<byte> to) =>
        await context.Request.Body.ReadAtLeastAsync(
            to, to.Length, throwOnEndOfStream: false, context.RequestAborted) == to.Length;
}
