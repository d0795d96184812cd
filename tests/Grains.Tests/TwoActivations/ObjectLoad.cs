using System.Security.Cryptography;
using Vault.Grains.Abstractions.Buckets;
using Vault.Grains.Abstractions.Objects;
using Vault.Grains.Abstractions.Uploads;
using Vault.Grains.Abstractions.Wire;
using Vault.Protocol.Ids;
using Vault.Testing.Histories;

namespace Vault.Grains.Tests.TwoActivations;

/// <summary>
/// One client of a bucket as a front end would serve it, by either side: what may be repeated is, the same message on
/// the other side, and everything is noted in the history. A write's value is its version id.
/// </summary>
internal sealed class ObjectLoad(TwinClusters twins, History history, BucketView bucket, int worker)
{
    private const int MostAttempts = 12;
    private static readonly string[] Keys = ["a", "b", "c", "d"];

    private readonly Random _random = new(worker + 1);
    private BucketView _bucket = bucket;

    /// <summary>What was wrong at first sight.</summary>
    public List<string> Violations { get; } = [];

    /// <summary>Changes that were acknowledged.</summary>
    public int Acknowledged { get; private set; }

    private string By => $"client {worker}";

    public async Task RunAsync(int operations)
    {
        for (var i = 0; i < operations; i++)
        {
            var key = Keys[_random.Next(Keys.Length)];
            await (_random.Next(100) switch
            {
                < 20 => PutAsync(key),
                < 35 => PutStoredAsync(key),
                < 50 => CreateAsync(key),
                < 65 => DeleteAsync(key),
                < 75 => CopyAsync(key, Keys[_random.Next(Keys.Length)]),
                < 80 => MultipartAsync($"multipart-{worker}-{i}"),
                < 83 => RotateAsync(),
                _ => GetAsync(key),
            });
        }
    }

    public async Task GetAsync(string key)
    {
        var read = history.Get(key, By);
        var answer = await twins.Next().ReadAsync(_bucket.Name, key);
        if (answer.Bucket is null) Violations.Add("the bucket was gone for a read");
        read.Returned(answer.Head?.VersionId.ToString());
    }

    private Task PutAsync(string key)
    {
        var put = Seed.Put(_bucket.BucketId, key, new string('x', 1 + _random.Next(50)), _bucket.ConfigVersion);
        return CommitAsync(history.Put(key, put.VersionId.ToString(), By), put);
    }

    private async Task PutStoredAsync(string key)
    {
        var body = await Bodies.StoreAsync(twins.One.Volume, 1);
        var put = Seed.Put(_bucket.BucketId, key, config: _bucket.ConfigVersion) with
        {
            Size = body.TotalBytes, Body = Bodies.Of(body),
        };
        await CommitAsync(history.Put(key, put.VersionId.ToString(), By), put);
    }

    private Task CreateAsync(string key)
    {
        var put = Seed.Put(_bucket.BucketId, key, config: _bucket.ConfigVersion) with
        {
            Precondition = PreconditionKind.Absent,
        };
        return CommitAsync(history.Create(key, put.VersionId.ToString(), By), put);
    }

    private async Task CopyAsync(string source, string key)
    {
        var read = history.Get(source, By);
        var head = (await twins.Next().ReadAsync(_bucket.Name, source)).Head;
        read.Returned(head?.VersionId.ToString());
        if (head?.ObjectId is not { } body) return;
        var put = Seed.Put(_bucket.BucketId, key, config: _bucket.ConfigVersion) with
        {
            Size = head.Size, Body = new ObjectBody { ObjectId = body, Shared = true },
        };
        await CommitAsync(history.Put(key, put.VersionId.ToString(), By), put);
    }

    private async Task DeleteAsync(string key)
    {
        var delete = Seed.Delete(_bucket.BucketId, key, _bucket.ConfigVersion);
        await SendAsync(
            history.Delete(key, By), side => side.Index(_bucket.BucketId, key).DeleteAsync(delete, default));
    }

    private Task CommitAsync(Operation operation, PutObject put) =>
        SendAsync(operation, side => side.PutAsync(put));

    /// <summary>Two parts by two sides; then its completion races its abort, or itself.</summary>
    private async Task MultipartAsync(string key)
    {
        var upload = UploadId.New(DateTimeOffset.UtcNow);
        var create = new CreateUpload
        {
            BucketId = _bucket.BucketId, ConfigVersion = _bucket.ConfigVersion, Key = Seed.Key(key), KeyNo = 1,
            UploadBox = Seed.Key("upload"),
        };
        if (await twins.AskAsync(side => Grain(side, upload).CreateAsync(create, default)) != UploadStatus.Ok)
        {
            await ResolveAsync();
            return;
        }

        for (var number = 1; number <= 2; number++) await PutPartAsync(upload, key, number);
        var parts = await twins.Next().Grains.GetGrain<IUploadReadGrain>(0).ReadPartsAsync(upload, 0, 10, default);
        var head = Seed.Put(_bucket.BucketId, key, config: _bucket.ConfigVersion) with
        {
            Size = 20, Body = new ObjectBody { ObjectId = ObjectId.New(DateTimeOffset.UtcNow) },
        };
        var complete = new CompleteUpload
        {
            UploadId = upload, PartsVersion = parts.PartsVersion, PartNumbers = [1, 2], Head = head,
            ResultBox = Seed.Key("answer"),
        };
        var put = history.Put(key, head.VersionId.ToString(), By);
        var abort = _random.Next(2) == 0
            ? twins.AskAsync(side => Grain(side, upload).AbortAsync(_bucket.BucketId, Seed.Key(key), default))
            : null;
        var again = abort is null ? CompleteAsync(complete, key) : null;
        var first = await CompleteAsync(complete, key);
        var second = again is null ? null : await again;
        var aborted = abort is not null && await abort == UploadStatus.Ok;
        CommitResult?[] answers = [first, second];
        var completed = answers.Any(static a => a?.Status is CommitStatus.Ok or CommitStatus.AlreadyCompleted);
        if (completed && aborted) Violations.Add($"{key} was completed and aborted");
        if (answers.Count(static a => a?.Status == CommitStatus.Ok) > 1) Violations.Add($"{key} was completed twice");
        if (completed) put.Acknowledged();
        else if (answers.Any(static a => a is null)) put.Unknown();
        else put.Failed();
        if (answers.Any(static a => a?.Status == CommitStatus.BucketChanged)) await ResolveAsync();
        await GetAsync(key);
    }

    private async Task PutPartAsync(UploadId upload, string key, int number)
    {
        var body = await Bodies.StoreAsync(twins.One.Volume, 1);
        var part = new PutPart
        {
            BucketId = _bucket.BucketId, Key = Seed.Key(key), PartNumber = number, Size = 10, KeyNo = 1,
            PartBox = Seed.Key("part"), Body = Bodies.Of(body),
        };
        var result = await twins.AskAsync(side => Grain(side, upload).PutPartAsync(part, default));
        if (result.Status != UploadStatus.Ok) Violations.Add($"part {number} of {key}: {result.Status}");
        if (_random.Next(2) == 0) await twins.AskAsync(side => Grain(side, upload).PutPartAsync(part, default));
    }

    private async Task<CommitResult?> CompleteAsync(CompleteUpload complete, string key)
    {
        var maybe = false;
        for (var attempt = 0; attempt < MostAttempts; attempt++)
        {
            try
            {
                return await twins.Next().Index(_bucket.BucketId, key).CompleteUploadAsync(complete, default);
            }
            catch (Exception e) when (Outcome(e) is { } unknown)
            {
                maybe |= unknown;
            }
        }

        return maybe ? null : new CommitResult { Status = CommitStatus.UploadGone };
    }

    /// <summary>Sends one message until it is answered, and now and then once more.</summary>
    private async Task SendAsync(Operation operation, Func<Cluster, Task<CommitResult>> send)
    {
        var maybe = false;
        for (var attempt = 0; attempt < MostAttempts; attempt++)
        {
            var side = twins.Next();
            CommitResult result;
            try
            {
                result = await send(side);
            }
            catch (Exception e) when (Outcome(e) is { } unknown)
            {
                maybe |= unknown;
                continue;
            }

            await NoteAsync(operation, result, maybe);
            if (result.Status == CommitStatus.Ok && operation.Kind != OperationKind.Delete && _random.Next(3) == 0)
                await RepeatAsync(side, send, result);
            return;
        }

        if (maybe) operation.Unknown();
        else operation.Failed();
    }

    private async Task NoteAsync(Operation operation, CommitResult result, bool maybe)
    {
        switch (result.Status)
        {
            case CommitStatus.Ok:
                operation.Acknowledged();
                Acknowledged++;
                return;
            case CommitStatus.PreconditionFailed when operation.Kind == OperationKind.Create:
                operation.Refused();
                return;
            case CommitStatus.BucketChanged:
                await ResolveAsync();
                break;
            case CommitStatus.SourceGone:
                break;
            default:
                Violations.Add($"{operation}: {result.Status}");
                break;
        }

        if (maybe) operation.Unknown();
        else operation.Failed();
    }

    /// <summary>A put that is repeated answers what it answered before and does nothing again.</summary>
    private async Task RepeatAsync(Cluster side, Func<Cluster, Task<CommitResult>> send, CommitResult first)
    {
        try
        {
            var again = await send(twins.Other(side));
            if (again.Status is not (CommitStatus.Ok or CommitStatus.BucketChanged)
                || (again.Status == CommitStatus.Ok && again.Sequence != first.Sequence))
                Violations.Add($"a repeat of {first} answered {again}");
        }
        catch (Exception e) when (Outcome(e) is not null)
        {
            // Nothing was answered, and nothing may have changed.
        }
    }

    private async Task ResolveAsync() =>
        _bucket = (await twins.Next().Grains.GetGrain<IBucketReadGrain>(0).ResolveAsync(_bucket.Name, default))!;

    /// <summary>Changes the bucket, on both sides at once: whatever is under way is decided anew.</summary>
    private async Task RotateAsync()
    {
        await ResolveAsync();
        var box = RandomNumberGenerator.GetBytes(32);
        await twins.BothAsync(side => side.Grains.GetGrain<IBucketGrain>($"{_bucket.BucketId}")
            .RotateKeyAsync(_bucket.KeyNo + 1, box, [], default));
        await ResolveAsync();
    }

    private static IUploadGrain Grain(Cluster side, UploadId upload) =>
        side.Grains.GetGrain<IUploadGrain>(upload.ToString());

    /// <summary>False: nothing changed; true: who knows; null: not one that may come.</summary>
    private static bool? Outcome(Exception e) => e switch
    {
        StoreUnavailableException => false,
        OutcomeUnknownException or OrleansException or TimeoutException => true,
        _ => null,
    };
}
