using System.Globalization;
using Vault.Sql.Tests;

namespace Vault.Sql.Orleans.Tests;

/// <summary>What keeps reminders behaves the same on both databases.</summary>
public sealed class ReminderTableTests(Databases databases)
{
    private static readonly DateTime Start = new(2026, 3, 4, 5, 6, 7, 890, DateTimeKind.Utc);

    [Theory, OnBoth]
    public async Task Reminder_comes_back_as_it_went(SqlKind kind)
    {
        await using var stores = await Stores.OpenAsync(databases, kind);
        var table = await stores.RemindersAsync();
        var entry = Entry("grain/with/slashes ünï", "tick");
        var etag = await table.UpsertRow(entry);

        var read = await table.ReadRow(entry.GrainId, "tick");
        Assert.NotNull(read);
        Assert.Equal((entry.GrainId, "tick", etag), (read.GrainId, read.ReminderName, read.ETag));
        Assert.Equal(
            (Start, DateTimeKind.Utc, TimeSpan.FromMinutes(5)), (read.StartAt, read.StartAt.Kind, read.Period));
        Assert.Null(await table.ReadRow(entry.GrainId, "tock"));
        Assert.Null(await table.ReadRow(GrainId.Create("reminded", "other"), "tick"));
    }

    [Theory, OnBoth]
    public async Task Upsert_replaces_and_gives_a_new_version(SqlKind kind)
    {
        await using var stores = await Stores.OpenAsync(databases, kind);
        var table = await stores.RemindersAsync();
        var entry = Entry("a", "tick");
        var first = await table.UpsertRow(entry);
        entry.Period = TimeSpan.FromHours(1);
        var second = await table.UpsertRow(entry);
        Assert.NotEqual(first, second);
        Assert.Equal(TimeSpan.FromHours(1), Assert.Single((await table.ReadRows(entry.GrainId)).Reminders).Period);
    }

    [Theory, OnBoth]
    public async Task Remove_needs_the_stored_version(SqlKind kind)
    {
        await using var stores = await Stores.OpenAsync(databases, kind);
        var table = await stores.RemindersAsync();
        var entry = Entry("a", "tick");
        var old = await table.UpsertRow(entry);
        var current = await table.UpsertRow(entry);
        Assert.False(await table.RemoveRow(entry.GrainId, "tick", old!));
        Assert.NotNull(await table.ReadRow(entry.GrainId, "tick"));
        Assert.True(await table.RemoveRow(entry.GrainId, "tick", current!));
        Assert.False(await table.RemoveRow(entry.GrainId, "tick", current!));
        Assert.Null(await table.ReadRow(entry.GrainId, "tick"));
    }

    [Theory, OnBoth]
    public async Task Removed_and_newly_made_reminder_has_another_version(SqlKind kind)
    {
        await using var stores = await Stores.OpenAsync(databases, kind);
        var table = await stores.RemindersAsync();
        var entry = Entry("a", "tick");
        var old = await table.UpsertRow(entry);
        Assert.True(await table.RemoveRow(entry.GrainId, "tick", old!));
        await table.UpsertRow(entry);
        Assert.False(await table.RemoveRow(entry.GrainId, "tick", old!));
    }

    [Theory, OnBoth]
    public async Task Long_period_and_a_start_without_a_zone_are_kept(SqlKind kind)
    {
        await using var stores = await Stores.OpenAsync(databases, kind);
        var table = await stores.RemindersAsync();
        var entry = Entry("a", "tick");
        entry.StartAt = DateTime.SpecifyKind(Start, DateTimeKind.Unspecified);
        entry.Period = TimeSpan.FromDays(90);
        await table.UpsertRow(entry);
        var read = await table.ReadRow(entry.GrainId, "tick");
        Assert.Equal((Start, TimeSpan.FromDays(90)), (read!.StartAt, read.Period));
    }

    [Theory, OnBoth]
    public async Task Writers_at_the_same_time_each_get_a_version(SqlKind kind)
    {
        await using var stores = await Stores.OpenAsync(databases, kind);
        var table = await stores.RemindersAsync();
        var versions = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => table.UpsertRow(Entry("a", "tick"))));
        Assert.Equal(8, versions.Distinct().Count());
        var read = await table.ReadRow(Entry("a", "tick").GrainId, "tick");
        Assert.Equal(versions.Max(v => int.Parse(v!, CultureInfo.InvariantCulture)),
            int.Parse(read!.ETag!, CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task Services_have_their_own_reminders()
    {
        await using var stores = await Stores.OpenAsync(databases);
        var (table, elsewhere) = (await stores.RemindersAsync(), await stores.RemindersAsync("other service"));
        var etag = await table.UpsertRow(Entry("a", "tick"));
        var entry = Entry("a", "tick");
        Assert.Null(await elsewhere.ReadRow(entry.GrainId, "tick"));
        Assert.Empty((await elsewhere.ReadRows(entry.GrainId)).Reminders);
        Assert.Empty((await elsewhere.ReadRows(0, 0)).Reminders);
        Assert.Empty((await elsewhere.ReadRows(0, uint.MaxValue)).Reminders);
        Assert.False(await elsewhere.RemoveRow(entry.GrainId, "tick", etag!));
        await elsewhere.TestOnlyClearTable();
        Assert.Single((await table.ReadRows(0, 0)).Reminders);
    }

    [Theory, OnBoth]
    public async Task Rows_of_a_grain_are_its_own(SqlKind kind)
    {
        await using var stores = await Stores.OpenAsync(databases, kind);
        var table = await stores.RemindersAsync();
        await table.UpsertRow(Entry("a", "one"));
        await table.UpsertRow(Entry("a", "two"));
        await table.UpsertRow(Entry("b", "one"));
        var names = (await table.ReadRows(GrainId.Create("reminded", "a"))).Reminders.Select(r => r.ReminderName);
        Assert.Equal(["one", "two"], names);
        await table.TestOnlyClearTable();
        Assert.Empty((await table.ReadRows(0, 0)).Reminders);
    }

    [Theory, OnBoth]
    public async Task Ranges_exclude_their_begin_include_their_end_and_wrap_around(SqlKind kind)
    {
        await using var stores = await Stores.OpenAsync(databases, kind);
        var table = await stores.RemindersAsync();
        var entries = Enumerable.Range(0, 40).Select(i => Entry($"grain {i}", "tick")).ToArray();
        foreach (var entry in entries)
        {
            await table.UpsertRow(entry);
        }

        var hashes = entries.Select(e => e.GrainId.GetUniformHashCode()).Order().ToArray();
        (uint Begin, uint End)[] ranges =
        [
            (0, uint.MaxValue), (hashes[5], hashes[20]), (hashes[20], hashes[5]), (hashes[7], hashes[7]),
            (hashes[5] - 1, hashes[5]), (uint.MaxValue, 0), (0, 0), (hashes[39], uint.MaxValue),
        ];
        foreach (var (begin, end) in ranges)
        {
            var expected = hashes.Where(h => begin < end ? h > begin && h <= end : h > begin || h <= end);
            var found = (await table.ReadRows(begin, end)).Reminders
                .Select(r => r.GrainId.GetUniformHashCode()).Order();
            Assert.Equal(expected, found);
        }
    }

    private static ReminderEntry Entry(string key, string name) => new()
    {
        GrainId = GrainId.Create("reminded", key), ReminderName = name, StartAt = Start,
        Period = TimeSpan.FromMinutes(5),
    };
}
