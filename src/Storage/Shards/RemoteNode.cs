using System.Buffers.Binary;
using System.Net;
using System.Security.Cryptography;
using Vault.Protocol.Ids;
using Vault.Storage.Volumes;

namespace Vault.Storage.Shards;

/// <summary>
/// Another process's volumes. A node that fails to answer is suspect from then on and is tried in the background until
/// it answers again; writes go around it meanwhile.
/// </summary>
internal sealed class RemoteNode : IDisposable
{
    private readonly HttpMessageInvoker _http;
    private readonly ShardNetworkOptions _options;
    private readonly byte[] _baseKey;
    private readonly ShardInstruments _instruments;
    private readonly TimeProvider _time;
    private readonly Uri _address;
    private readonly SemaphoreSlim _handshake = new(1, 1);
    private readonly CancellationTokenSource _gone = new();
    private ShardSession? _session;
    private int _suspect;
    private long _refusedAt;

    public RemoteNode(
        string endpoint, HttpMessageInvoker http, ShardNetworkOptions options, byte[] baseKey,
        ShardInstruments instruments, TimeProvider time)
    {
        (Endpoint, _http, _options, _baseKey, _instruments, _time) =
            (endpoint, http, options, baseKey, instruments, time);
        _address = new Uri($"http://{endpoint}");
        Latency = new HedgeDelay();
    }

    public string Endpoint { get; }

    /// <summary>How long its reads take.</summary>
    public HedgeDelay Latency { get; }

    /// <summary>Did not answer, or refuses to store, when last asked.</summary>
    public bool Suspect => Volatile.Read(ref _suspect) != 0
        || (Volatile.Read(ref _refusedAt) is var at and > 0 && _time.GetElapsedTime(at) < _options.StragglerTime);

    public async Task<ShardReceipt> StoreAsync(
        uint volume, ShardHeader header, ReadOnlyMemory<byte> body, CancellationToken ct)
    {
        var call = new ShardCall(
            ShardOperation.Store, volume, header.Cid, header.ObjectId, header.ChunkIndex, header.ShardIndex);
        var answer = await CallAsync(call, body, header.Cid.ToArray(), default, _options.StoreTimeout, ct);
        if (answer.Status == HttpStatusCode.OK && answer.Body.Length == ShardWire.ReceiptSize
            && ShardWire.ReadReceipt(answer.Body) is var receipt && receipt.VolumeNumber == volume) return receipt;
        Volatile.Write(ref _refusedAt, _time.GetTimestamp());
        throw answer.Status == HttpStatusCode.InsufficientStorage
            ? new VolumeFullException($"Volume {volume} has only its reserve left.")
            : Unexpected(call, answer.Status);
    }

    /// <summary>Fills <paramref name="destination"/>, which has exactly the shard's length.</summary>
    public async Task ReadAsync(
        uint volume, Cid cid, ulong sequence, Memory<byte> destination, CancellationToken ct)
    {
        var began = _time.GetTimestamp();
        var call = new ShardCall(ShardOperation.Read, volume, cid, Sequence: sequence);
        var answer = await CallAsync(call, default, default, destination, _options.ReadTimeout, ct);
        switch (answer.Status)
        {
            case HttpStatusCode.OK when answer.Filled:
                Latency.Took(_time.GetElapsedTime(began));
                return;
            case HttpStatusCode.OK or HttpStatusCode.Conflict:
                throw new ShardDamagedException($"shard {cid} on volume {volume} is damaged or of another length");
            case HttpStatusCode.NotFound or HttpStatusCode.Gone:
                throw new ShardMissingException($"shard {cid} is not on volume {volume}");
            default:
                throw Unexpected(call, answer.Status);
        }
    }

    public async Task DeleteAsync(uint volume, Cid cid, ulong sequence, CancellationToken ct) =>
        await SmallAsync(new(ShardOperation.Delete, volume, cid, Sequence: sequence), default, ct);

    public async Task ReportAsync(uint volume, Cid cid, CancellationToken ct) =>
        await SmallAsync(new(ShardOperation.Report, volume, cid), default, ct);

    /// <summary>At most <see cref="ShardCall.MaxStats"/> at once.</summary>
    public async Task<ShardPresence[]> StatAsync(
        uint volume, IReadOnlyList<(Cid Cid, ulong Sequence)> asked, CancellationToken ct)
    {
        var body = new byte[asked.Count * ShardWire.StatSize];
        for (var i = 0; i < asked.Count; i++)
        {
            asked[i].Cid.WriteTo(body.AsSpan(i * ShardWire.StatSize));
            BinaryPrimitives.WriteUInt64BigEndian(
                body.AsSpan(i * ShardWire.StatSize + Cid.Size), asked[i].Sequence);
        }

        var call = new ShardCall(ShardOperation.Stat, volume);
        var answer = await SmallAsync(call, body, ct);
        return answer.Length == asked.Count
            ? Array.ConvertAll(answer, static state => (ShardPresence)state)
            : throw Unexpected(call, HttpStatusCode.OK);
    }

    public async Task<int> ListAsync(uint volume, ulong after, Memory<ShardRecord> records, CancellationToken ct)
    {
        var limit = Math.Min(records.Length, ShardCall.MaxRecords);
        var call = new ShardCall(ShardOperation.List, volume, Sequence: after, Limit: limit);
        var answer = await SmallAsync(call, default, ct);
        var count = answer.Length / ShardWire.RecordSize;
        if (count > limit || answer.Length % ShardWire.RecordSize != 0) throw Unexpected(call, HttpStatusCode.OK);
        for (var i = 0; i < count; i++)
            records.Span[i] = ShardWire.ReadRecord(answer.AsSpan(i * ShardWire.RecordSize, ShardWire.RecordSize));
        return count;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    private async Task<byte[]> SmallAsync(ShardCall call, ReadOnlyMemory<byte> body, CancellationToken ct)
    {
        var hash = body.IsEmpty ? default(ReadOnlyMemory<byte>) : SHA256.HashData(body.Span);
        var answer = await CallAsync(call, body, hash, default, _options.ReadTimeout, ct);
        return answer.Status == HttpStatusCode.OK ? answer.Body : throw Unexpected(call, answer.Status);
    }

    private ShardUnavailableException Unexpected(ShardCall call, HttpStatusCode status) =>
        new($"node {Endpoint} answered {(int)status} to {ShardEndpoints.Name(call.Operation)} on volume {call.Volume}");

    private async Task<Answer> CallAsync(
        ShardCall call, ReadOnlyMemory<byte> body, ReadOnlyMemory<byte> hash, Memory<byte> destination,
        TimeSpan timeout, CancellationToken ct)
    {
        var began = _time.GetTimestamp();
        var outcome = "cancelled";
        using var late = new CancellationTokenSource(timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, late.Token);
        try
        {
            var answer = await TryCallAsync(call, body, hash, destination, either.Token);
            if (answer.Status == HttpStatusCode.Unauthorized)
            {
                // The node restarted, or forgot the session.
                Volatile.Write(ref _session, null);
                answer = await TryCallAsync(call, body, hash, destination, either.Token);
            }

            outcome = answer.Status switch
            {
                HttpStatusCode.OK => "ok",
                HttpStatusCode.NotFound or HttpStatusCode.Gone => "missing",
                HttpStatusCode.Conflict => "damaged",
                HttpStatusCode.InsufficientStorage => "full",
                _ => "refused",
            };
            return answer;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            // Whoever asked has gone: how the connection ended then says nothing about the node.
            ct.ThrowIfCancellationRequested();
            outcome = e is OperationCanceledException ? "timeout" : "unreachable";
            Suspected();
            throw e as ShardUnavailableException ?? new ShardUnavailableException(
                $"node {Endpoint} did not answer {ShardEndpoints.Name(call.Operation)}", e);
        }
        finally
        {
            _instruments.Called(ShardEndpoints.Name(call.Operation), outcome, _time.GetElapsedTime(began));
        }
    }

    private async Task<Answer> TryCallAsync(
        ShardCall call, ReadOnlyMemory<byte> body, ReadOnlyMemory<byte> hash, Memory<byte> destination,
        CancellationToken ct)
    {
        var session = Volatile.Read(ref _session) ?? await OpenAsync(ct);
        var counter = session.Next();
        var (method, target) = (call.Method, call.Target);
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(_address, target));
        if (!body.IsEmpty) request.Content = new ReadOnlyMemoryContent(body);
        var mac = new byte[ShardMac.Size];
        if (!ShardMac.TryRequest(
            session.Key, counter, method, target, body.Length, hash.IsEmpty ? ShardMac.NoHash : hash.Span, mac))
            throw new InvalidOperationException("A request of ours is longer than any may be.");
        request.Headers.TryAddWithoutValidation(
            ShardWire.AuthHeader,
            $"{session.Id:x32}.{counter.ToString(System.Globalization.CultureInfo.InvariantCulture)}."
            + Convert.ToHexStringLower(mac));
        using var response = await _http.SendAsync(request, ct);
        if (response.StatusCode == HttpStatusCode.Unauthorized) return new(HttpStatusCode.Unauthorized, [], false);
        return await TakeAsync(response, session, counter, destination, ct);
    }

    /// <summary>Only an answer signed for this very request is one.</summary>
    private async Task<Answer> TakeAsync(
        HttpResponseMessage response, ShardSession session, ulong counter, Memory<byte> destination,
        CancellationToken ct)
    {
        var length = response.Content.Headers.ContentLength ?? -1;
        var shard = response.StatusCode == HttpStatusCode.OK && !destination.IsEmpty;
        if (length < 0 || (!shard && length > ShardWire.MaxAnswer)) throw NotAuthentic();
        var sent = new byte[ShardMac.Size];
        if (!response.Headers.TryGetValues(ShardWire.MacHeader, out var values)
            || values.First() is not { Length: 2 * ShardMac.Size } text
            || Convert.FromHexString(text, sent, out _, out _) != System.Buffers.OperationStatus.Done)
            throw NotAuthentic();
        var filled = false;
        byte[] small = [];
        await using var stream = await response.Content.ReadAsStreamAsync(ct);
        if (!shard)
        {
            small = new byte[length];
            await stream.ReadExactlyAsync(small, ct);
        }

        var mac = new byte[ShardMac.Size];
        ShardMac.Answer(
            session.Key, counter, (int)response.StatusCode, length,
            shard ? ShardMac.NoHash : SHA256.HashData(small), mac);
        if (!ShardSession.Same(mac, sent)) throw NotAuthentic();
        if (shard && length == destination.Length)
        {
            await stream.ReadExactlyAsync(destination, ct);
            filled = true;
        }

        return new(response.StatusCode, small, filled);
    }

    private async Task<ShardSession> OpenAsync(CancellationToken ct)
    {
        await _handshake.WaitAsync(ct);
        try
        {
            if (Volatile.Read(ref _session) is { } opened) return opened;
            var hello = new byte[ShardSessions.HelloSize];
            RandomNumberGenerator.Fill(hello.AsSpan(0, ShardMac.NonceSize));
            ShardMac.Hello(_baseKey, hello.AsSpan(0, ShardMac.NonceSize), hello.AsSpan(ShardMac.NonceSize));
            var call = new ShardCall(ShardOperation.Session);
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_address, call.Target))
            {
                Content = new ByteArrayContent(hello),
            };
            using var response = await _http.SendAsync(request, ct);
            if (response.StatusCode != HttpStatusCode.OK
                || response.Content.Headers.ContentLength != ShardSessions.WelcomeSize) throw NotAuthentic();
            var welcome = new byte[ShardSessions.WelcomeSize];
            await using var stream = await response.Content.ReadAsStreamAsync(ct);
            await stream.ReadExactlyAsync(welcome, ct);
            var session = Accept(hello, welcome) ?? throw NotAuthentic();
            Volatile.Write(ref _session, session);
            return session;
        }
        finally
        {
            _handshake.Release();
        }
    }

    private ShardSession? Accept(ReadOnlySpan<byte> hello, ReadOnlySpan<byte> welcome)
    {
        var id = welcome[..ShardMac.SessionIdSize];
        var serverNonce = welcome.Slice(ShardMac.SessionIdSize, ShardMac.NonceSize);
        var key = ShardMac.SessionKey(_baseKey, hello[..ShardMac.NonceSize], serverNonce, id);
        Span<byte> mac = stackalloc byte[ShardMac.Size];
        ShardMac.Welcome(key, hello[..ShardMac.NonceSize], serverNonce, mac);
        return ShardSession.Same(mac, welcome[^ShardMac.Size..])
            ? new ShardSession(BinaryPrimitives.ReadUInt128BigEndian(id), key)
            : null;
    }

    private ShardUnavailableException NotAuthentic() =>
        new($"what answers at {Endpoint} does not have the cluster's secret, or the answer was changed on its way");

    /// <summary>It did not answer in time; nothing is stored there until it answers again.</summary>
    public void Suspected()
    {
        if (Interlocked.Exchange(ref _suspect, 1) == 0 && !_gone.IsCancellationRequested) _ = ProbeAsync(_gone.Token);
    }

    /// <summary>Asks until the node answers; ends with the node's place in the map.</summary>
    private async Task ProbeAsync(CancellationToken gone)
    {
        try
        {
            while (true)
            {
                await Task.Delay(_options.ProbePeriod, _time, gone);
                try
                {
                    await SmallAsync(new ShardCall(ShardOperation.Ping), default, gone);
                    Volatile.Write(ref _suspect, 0);
                    return;
                }
                catch (ShardUnavailableException)
                {
                    // Again, later.
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // The node left the map.
        }
    }

    private readonly record struct Answer(HttpStatusCode Status, byte[] Body, bool Filled);
}
