using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Vault.Grains.Abstractions.Accounts;
using Vault.Grains.Abstractions.Buckets;
using Vault.Grains.Abstractions.Credentials;
using Vault.Grains.Abstractions.Nodes;
using Vault.Grains.Abstractions.Objects;
using Vault.Grains.Abstractions.Reclaim;
using Vault.Grains.Abstractions.Uploads;
using Vault.Grains.Abstractions.Usage;
using Vault.Grains.Abstractions.Wire;
using Vault.Grains.Reclaim;
using Vault.Grains.Store;
using Vault.Protocol.Ids;
using Vault.Testing.Histories;

namespace Vault.Grains.Tests.TwoActivations;

/// <summary>
/// Orleans may for a while run two activations of a grain; here all of them do, for good (decisions §9.6). The table of
/// docs/spec/metadata.md says for each grain what makes that harmless.
/// </summary>
public sealed class TwoActivationsTests(Databases databases, TwinFixture fixture) : IClassFixture<TwinFixture>
{
    private const int Clients = 8;
    private const int Operations = 40;

    private static readonly int Rounds = Environment.GetEnvironmentVariable("VAULT_TEST_LONG") == "1" ? 1000 : 100;

    private readonly TwinClusters _twins = fixture.Twins;

    [Fact]
    public async Task Every_answer_about_objects_has_an_order_and_nothing_acknowledged_is_lost()
    {
        var bucket = await _twins.One.BucketAsync("objects");
        var history = new History();
        var clients = Enumerable.Range(0, Clients)
            .Select(worker => new ObjectLoad(_twins, history, bucket, worker)).ToList();
        await Task.WhenAll(clients.Select(static client => Task.Run(() => client.RunAsync(Operations))));
        foreach (var key in history.Keys)
        {
            await clients[0].GetAsync(key);
            await clients[0].GetAsync(key); // of the other side
        }

        Assert.Empty(clients.SelectMany(static client => client.Violations));
        Assert.Null(history.Check()?.Message);
        Assert.Empty(await Invariants.CheckAsync(_twins.Sql));
        Assert.True(clients.Sum(static client => client.Acknowledged) > Clients * Operations / 4);
        var fences = await _twins.Sql.CountAsync("select max(fence) from grain_fence where grain_id like 'index/%'");
        Assert.True(fences > 10, $"the fence was taken {fences} times");
    }

    [Fact]
    public async Task The_activation_whose_fence_was_taken_commits_nothing_answers_nothing_and_goes()
    {
        var bucket = (await _twins.One.BucketAsync("forced")).BucketId;
        for (var round = 0; round < Rounds; round++)
        {
            var (first, second) = round % 2 == 0 ? (_twins.One, _twins.Two) : (_twins.Two, _twins.One);
            var old = await PutAsync(first);
            var young = await PutAsync(second);
            Assert.True(young.Sequence >> 32 > old.Sequence >> 32);

            var late = Enumerable.Range(0, round % 5 == 4 ? 4 : 1).Select(i => LateAsync(first, round + i, young));
            var refusals = await Task.WhenAll(late);
            Assert.Contains(refusals, static refusal => refusal is SupersededException);
            Assert.All(refusals, static refusal => Assert.True(refusal is null or SupersededException));

            // Whoever was not refused came when it had gone, and to one that is younger still.
            var head = await _twins.One.Database.HeadAsync(bucket, "k");
            if (refusals.All(static refusal => refusal is not null)) Assert.NotNull(head);
            if (head is not null && head.Sequence != young.Sequence)
            {
                Assert.Contains(refusals, static refusal => refusal is null);
                Assert.True(head.Sequence >> 32 > young.Sequence >> 32);
            }
        }

        Assert.Empty(await Invariants.CheckAsync(_twins.Sql));

        Task<CommitResult> PutAsync(Cluster side)
        {
            var put = Seed.Put(bucket, "k");
            return TwinClusters.AskAsync(side, s => s.PutAsync(put));
        }

        // What would change something, and what would be refused by what the old one reads: all of it ends it.
        Task<Exception?> LateAsync(Cluster side, int kind, CommitResult young) => Record.ExceptionAsync(() =>
            (kind % 4) switch
            {
                0 => side.PutAsync(Seed.Put(bucket, "k", "late")),
                1 => side.DeleteAsync(bucket, "k"),
                2 => side.PutAsync(Seed.Put(bucket, "k", "late") with
                {
                    Precondition = PreconditionKind.Sequence, ExpectedSequence = young.Sequence,
                }),
                _ => side.PutAsync(Seed.Put(bucket, "k", "late") with { Precondition = PreconditionKind.Absent }),
            }).AsTask();
    }

    [Fact]
    public async Task A_bucket_name_has_one_owner_and_deletion_and_put_exclude_each_other()
    {
        ProjectId[] projects = [await _twins.One.ProjectAsync(), await _twins.Two.ProjectAsync()];
        for (var round = 0; round < 12; round++)
        {
            var name = $"raced-{round}";
            var results = await Task.WhenAll(projects.Select(
                project => _twins.BothAsync(side => side.CreateBucketAsync(name, project))));
            var bucket = results.SelectMany(static r => r).Single(static r => r.Status == CreateBucketStatus.Created)
                .Bucket!;
            var winner = Array.IndexOf(projects, bucket.ProjectId);
            Assert.Single(results[winner], static r => r.Status == CreateBucketStatus.AlreadyOwnedByYou);
            Assert.All(results[1 - winner], static r => Assert.Equal(CreateBucketStatus.AlreadyExists, r.Status));

            var message = Seed.Put(bucket.BucketId, "k");
            var put = _twins.AskAsync(side => side.PutAsync(message));
            var deletes = await _twins.BothAsync(
                side => side.Grains.GetGrain<IBucketNameGrain>(name).DeleteAsync(bucket.ProjectId, default));
            var gone = deletes.Count(static status => status == DeleteBucketStatus.Deleted);
            Assert.Equal(gone == 0 ? CommitStatus.Ok : CommitStatus.BucketGone, (await put).Status);
            Assert.True(gone <= 1);
            var view = await _twins.Next().Grains.GetGrain<IBucketReadGrain>(0).ResolveAsync(name, default);
            Assert.Equal(gone == 0, view is not null);
        }

        var limited = await _twins.One.ProjectAsync(buckets: 3);
        var made = await Task.WhenAll(Enumerable.Range(0, 8).Select(
            i => _twins.AskAsync(side => side.CreateBucketAsync($"limited-{i}", limited))));
        Assert.Equal(3, made.Count(static r => r.Status == CreateBucketStatus.Created));
        Assert.Empty(await Invariants.CheckAsync(_twins.Sql));
    }

    [Fact]
    public async Task A_key_is_renewed_once_for_everybody_and_seals_are_counted()
    {
        var bucket = await _twins.One.BucketAsync("renewed");
        var owners = new Dictionary<int, byte[]>();
        for (var keyNo = 2; keyNo <= 10; keyNo++)
        {
            var adding = Task.WhenAll(Enumerable.Range(0, 3).Select(_ => AddAsync(keyNo - 1)));
            while (true)
            {
                var boxes = new[] { RandomNumberGenerator.GetBytes(32), RandomNumberGenerator.GetBytes(32) };
                var won = await Task.WhenAll(boxes.Select(async box =>
                {
                    var holders = await Grain(_twins.Next()).ReadKeyHoldersAsync(keyNo - 1, default);
                    return await _twins.AskAsync(
                        side => Grain(side).RotateKeyAsync(keyNo, box, [.. holders.Select(Box)], default));
                }));
                Assert.True(won.Count(static w => w) <= 1);
                if (Array.IndexOf(won, true) is var winner and >= 0)
                {
                    owners[keyNo] = boxes[winner];
                    break;
                }
            }

            await adding;
        }

        foreach (var (keyNo, box) in owners)
        {
            var stored = await _twins.Next().Grains.GetGrain<IBucketReadGrain>(0)
                .ReadKeyBoxAsync(bucket.BucketId, keyNo, bucket.ProjectId, default);
            Assert.Equal(box, stored!.Value.ToArray());
        }

        await Task.WhenAll(Enumerable.Range(0, 40).Select(
            _ => _twins.AskAsync(side => Grain(side).TakeSealsAsync(10, 5, default))));
        Assert.Equal(201, await Grain(_twins.One).TakeSealsAsync(10, 1, default));
        Assert.Empty(await Invariants.CheckAsync(_twins.Sql));

        IBucketGrain Grain(Cluster side) => side.Grains.GetGrain<IBucketGrain>($"{bucket.BucketId}");

        KeyHolderBox Box(KeyHolder holder) => new() { Lookup = holder.Lookup, Box = Seed.Key("box") };

        // Either in time, so that the renewal has to know it, or too late.
        async Task AddAsync(int keyNo)
        {
            var credential = NewCredential() with
            {
                ProjectKeys = [], PublicKey = RandomNumberGenerator.GetBytes(32),
                BucketKeys =
                    [new BucketKeyBox { BucketId = bucket.BucketId, KeyNo = keyNo, Box = Seed.Key("box") }],
            };
            var status = await _twins.AskAsync(side => side.Grains.GetGrain<IProjectGrain>(bucket.ProjectId.Value)
                .AddCredentialAsync(credential, default));
            Assert.Contains(status, new[] { AccountStatus.Ok, AccountStatus.Conflict });
        }
    }

    [Fact]
    public async Task Limits_of_accounts_are_exact_and_what_was_revoked_is_revoked_on_both_sides()
    {
        var tenant = TenantId.New();
        var create = new CreateTenant
        {
            Name = "t", OwnerEmail = "t@example.com", Limits = new TenantLimits { Projects = 2 },
        };
        var made = await _twins.BothAsync(side => Tenant(side).CreateAsync(create, default));
        Assert.All(made, static status => Assert.Equal(AccountStatus.Ok, status));
        var ids = Enumerable.Range(0, 6).Select(static _ => ProjectId.New()).ToArray();
        var results = await Task.WhenAll(ids.Select(id =>
        {
            var message = Seed.NewProject(tenant);
            return _twins.BothAsync(side => Project(side, id).CreateAsync(message, default));
        }));
        Assert.Equal(2, results.Count(static r => r.Contains(AccountStatus.Ok)));
        Assert.Equal(4, results.Count(static r => r.All(static s => s == AccountStatus.QuotaExceeded)));
        var project = ids[Array.FindIndex(results, static r => r.Contains(AccountStatus.Ok))];

        for (var i = 0; i < 10; i++)
        {
            var name = $"name-{i}";
            await _twins.AskAsync(s => Project(s, project).UpdateAsync(new UpdateProject { Name = name }, default));
            Assert.Equal(name, (await Project(_twins.Next(), project).ReadAsync(default))!.Name);
            var state = i % 2 == 0 ? AccountState.Suspended : AccountState.Active;
            await _twins.AskAsync(side => Tenant(side).UpdateAsync(state, null, default));
            Assert.Equal(state, (await Tenant(_twins.Next()).ReadAsync(default))!.State);
        }

        for (var i = 0; i < 5; i++)
        {
            var credential = NewCredential();
            var added = await _twins.BothAsync(side => Project(side, project).AddCredentialAsync(credential, default));
            Assert.All(added, static status => Assert.Equal(AccountStatus.Ok, status));
            Assert.True(await _twins.AskAsync(side => Credential(side, credential).RevokeAsync("lost", default)));
            var views = await _twins.BothAsync(side => Credential(side, credential).ResolveAsync(default));
            Assert.All(views, static view => Assert.NotNull(view!.RevokedMs));

            var token = new NewToken { TailHash = RandomNumberGenerator.GetBytes(32), Label = "token" };
            await _twins.BothAsync(async side =>
            {
                await Project(side, project).AddTokenAsync(token, default);
                return true;
            });
            Assert.True(await _twins.AskAsync(
                side => Project(side, project).RevokeTokenAsync(token.TailHash, "lost", default)));
            var revoked = await _twins.BothAsync(
                side => Project(side, project).AnyRevokedAsync([token.TailHash], default));
            Assert.All(revoked, Assert.True);
        }

        Assert.Equal(AccountStatus.Ok, await _twins.AskAsync(s => Project(s, project).DeleteAsync(default)));
        Assert.Equal(
            AccountStatus.Conflict, // a call that was held up
            await _twins.AskAsync(side => Project(side, project).CreateAsync(Seed.NewProject(tenant), default)));

        ITenantGrain Tenant(Cluster side) => side.Grains.GetGrain<ITenantGrain>(tenant.Value);

        static IProjectGrain Project(Cluster side, ProjectId id) => side.Grains.GetGrain<IProjectGrain>(id.Value);

        static ICredentialGrain Credential(Cluster side, NewCredential credential) =>
            side.Grains.GetGrain<ICredentialGrain>(Convert.ToHexStringLower(credential.Lookup.Span));
    }

    [Fact]
    public async Task A_request_is_claimed_once_and_a_report_counted_once()
    {
        var project = await _twins.One.ProjectAsync();
        ReadOnlyMemory<byte> hash = new byte[32];
        for (var i = 0; i < 10; i++)
        {
            var key = $"scope/{Guid.NewGuid()}";
            var claims = await _twins.BothAsync(
                side => side.Grains.GetGrain<IIdempotencyGrain>(key).BeginAsync(hash, default));
            Assert.Single(claims, static claim => claim.Claimed);
            await _twins.Next().Grains.GetGrain<IIdempotencyGrain>(key).FinishAsync(201, "{}", false, default);
            var replays = await _twins.BothAsync(
                side => side.Grains.GetGrain<IIdempotencyGrain>(key).BeginAsync(hash, default));
            Assert.All(replays, static replay => Assert.Equal((201, "{}"), (replay.Status, replay.Body)));

            var report = new TrafficReport { ReportId = Guid.NewGuid(), Requests = 3, BytesIn = 5, BytesOut = 7 };
            await _twins.BothAsync(async side =>
            {
                await side.Grains.GetGrain<IUsageGrain>(project.Value).ReportAsync(report, default);
                return true;
            });
        }

        var usages = await _twins.BothAsync(
            side => side.Grains.GetGrain<IUsageGrain>(project.Value).ReadAsync(default));
        Assert.All(
            usages, static u => Assert.Equal((30L, 50L, 70L), (u.Requests, u.BytesIn, u.BytesOut)));
    }

    [Fact]
    public async Task A_quota_that_is_set_later_holds_on_both_sides()
    {
        var bucket = await _twins.One.BucketAsync("quota");
        var first = await _twins.AskAsync(side => side.PutAsync(Seed.Put(bucket.BucketId, "k")));
        Assert.Equal(CommitStatus.Ok, first.Status);
        await _twins.AskAsync(side => side.Grains.GetGrain<IProjectGrain>(bucket.ProjectId.Value).UpdateAsync(
            new UpdateProject { Quota = new ProjectQuota { StorageBytes = 10 } }, default));
        foreach (var side in new[] { _twins.One, _twins.Two })
        {
            var view = (await side.Grains.GetGrain<IBucketReadGrain>(0).ResolveAsync("quota", default))!;
            var put = Seed.Put(bucket.BucketId, "k", "more than ten", view.ConfigVersion);
            Assert.Equal(
                CommitStatus.QuotaExceeded, (await TwinClusters.AskAsync(side, s => s.PutAsync(put))).Status);
        }
    }

    [Fact]
    public async Task The_node_directory_never_goes_back_and_the_older_one_ends()
    {
        using var ended = new FenceConflicts("nodes");
        var (a, b) = (Node("a", 2), Node("b", 3));
        Assert.Equal(NodeStatus.Ok, await _twins.AskAsync(side => Directory(side).RegisterAsync(a, default)));
        Assert.Equal(NodeStatus.Ok, await _twins.AskAsync(side => Directory(side).RegisterAsync(b, default)));
        long known = 0;
        for (var i = 0; i < 100; i++)
        {
            // Who asks one side and then the other, as a watcher whose silos change, hears of rising epochs only.
            try
            {
                var listing = await Directory(_twins.Next()).ListAsync(known, default);
                if (i % 5 == 0) await Directory(_twins.Next()).BeatAsync(Beat(i % 2 == 0 ? a : b, i + 1), default);
                if (listing is null) continue;
                Assert.True(listing.Epoch > known);
                known = listing.Epoch;
            }
            catch (StoreUnavailableException)
            {
                // It was the older one, and has ended.
            }
        }

        // One that is asked for nothing ends too, by its own timer.
        await TwinClusters.AskAsync(_twins.One, side => Directory(side).ListAsync(known, default));
        ended.Forget();
        await Fence.TakeAsync(
            _twins.Two.Database, Directory(_twins.One).GetGrainId().ToString(), CancellationToken.None);
        await ended.NextAsync();

        // Nobody lives any more: so says who is left, and writes it down.
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        do
        {
            await timer.WaitForNextTickAsync();
            await TwinClusters.AskAsync(_twins.One, side => Directory(side).ListAsync(0, default)); // it must live
        }
        while (await _twins.Sql.CountAsync("select count(*) from node where away_ms is null") > 0);

        var last = await TwinClusters.AskAsync(_twins.One, side => Directory(side).ListAsync(0, default));
        Assert.All(last!.Nodes, static node => Assert.False(node.Up));

        static INodeDirectoryGrain Directory(Cluster side) => side.Grains.GetGrain<INodeDirectoryGrain>(0);

        static NodeBeat Beat(NodeRegistration node, long counter) =>
            new() { NodeId = node.NodeId, Counter = counter, Volumes = node.Volumes };
    }

    [Fact]
    public async Task What_two_passes_of_reclaim_delete_at_once_is_what_one_would()
    {
        await using var twins = await TwinClusters.StartAsync(
            databases,
            static services => services.Configure<ReclaimOptions>(
                static o => (o.DeadGrace, o.UploadAge) = (TimeSpan.Zero, TimeSpan.Zero)));
        var bucket = await twins.One.BucketAsync();
        for (var i = 0; i < 20; i++)
        {
            await PutAsync($"k{i}");
            if (i % 2 == 0) await twins.AskAsync(side => side.DeleteAsync(bucket.BucketId, $"k{i}"));
            await Bodies.StoreAsync(twins.One.Volume, 1); // for a commit that never comes
        }

        for (var i = 0; i < 5; i++) await OpenAsync(UploadId.New(DateTimeOffset.UtcNow), $"open-{i}");
        twins.One.Time.Advance(TimeSpan.FromHours(25));

        await twins.BothAsync(async side =>
        {
            var reclaim = side.Grains.GetGrain<IReclaimGrain>(0);
            var ticks = Enumerable.Range(0, 5).Select(
                _ => reclaim.AsReference<IRemindable>().ReceiveReminder("reclaim", default));
            await Task.WhenAll([.. ticks, reclaim.RunAsync(default), reclaim.RunAsync(default)]);
            return await reclaim.RunAsync(default);
        });

        Assert.Equal(10, await twins.Sql.CountAsync("select count(*) from manifest"));
        Assert.Equal(0, await twins.Sql.CountAsync("select count(*) from upload where state = 0"));
        Assert.Empty(await Invariants.CheckAsync(twins.Sql));
        Assert.Empty(await Invariants.CheckVolumeAsync(twins));

        async Task PutAsync(string key)
        {
            var body = await Bodies.StoreAsync(twins.One.Volume, 2);
            var put = Seed.Put(bucket.BucketId, key) with { Size = body.TotalBytes, Body = Bodies.Of(body) };
            Assert.Equal(CommitStatus.Ok, (await twins.AskAsync(side => side.PutAsync(put))).Status);
        }

        async Task OpenAsync(UploadId id, string key)
        {
            var body = await Bodies.StoreAsync(twins.One.Volume, 1);
            await twins.AskAsync(side => side.Grains.GetGrain<IUploadGrain>($"{id}").CreateAsync(
                new CreateUpload
                {
                    BucketId = bucket.BucketId, ConfigVersion = 1, Key = Seed.Key(key), KeyNo = 1,
                    UploadBox = Seed.Key("upload"),
                },
                default));
            var part = await twins.AskAsync(side => side.Grains.GetGrain<IUploadGrain>($"{id}").PutPartAsync(
                new PutPart
                {
                    BucketId = bucket.BucketId, Key = Seed.Key(key), PartNumber = 1, Size = body.TotalBytes, KeyNo = 1,
                    PartBox = Seed.Key("part"), Body = Bodies.Of(body),
                },
                default));
            Assert.Equal(UploadStatus.Ok, part.Status);
        }
    }

    private static NewCredential NewCredential() => new()
    {
        Lookup = RandomNumberGenerator.GetBytes(32), Record = RandomNumberGenerator.GetBytes(200),
        MacaroonId = RandomNumberGenerator.GetBytes(21), Label = "credential",
        ProjectKeys = [new KeyBox { KeyNo = 1, Box = Seed.Key("box") }],
    };

    private static NodeRegistration Node(string host, uint volume) => new()
    {
        NodeId = Guid.NewGuid(), Host = host, Endpoint = $"{host}:9100",
        Volumes =
        [
            new VolumeReport
            {
                Number = volume, VolumeId = Guid.NewGuid(), CapacityBytes = 1 << 30, FreeBytes = 1 << 29,
                Writable = true,
            },
        ],
    };
}
