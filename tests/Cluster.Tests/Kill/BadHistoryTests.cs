using Vault.Testing.Histories;

namespace Vault.Cluster.Tests.Kill;

/// <summary>
/// The check of the kill test rejects what a broken cluster would answer, and nothing that a sound one may.
/// </summary>
public sealed class BadHistoryTests
{
    private readonly KillHistory _history = new();

    private History Keys => _history.Keys;

    [Fact]
    public void An_acknowledged_write_that_is_lost_is_found()
    {
        Put("1");
        Keys.Get("key").Returned(null);
        Rejected("no order explains");
    }

    [Fact]
    public void A_read_that_is_older_than_an_acknowledged_write_is_found()
    {
        Put("1");
        Put("2");
        Keys.Get("key", "the other gateway").Returned("1");
        Rejected("no order explains");
    }

    [Fact]
    public void Two_winners_among_conditional_creators_are_found()
    {
        var first = Keys.Create("key", "1");
        var second = Keys.Create("key", "2");
        var third = Keys.Create("key", "3");
        first.Acknowledged();
        second.Acknowledged();
        third.Refused();
        _history.Races.Enqueue([first, second, third]);
        Rejected("2 of 3 creators won");
    }

    [Fact]
    public void A_race_that_everybody_lost_is_found()
    {
        var first = Keys.Create("key", "1");
        var second = Keys.Create("key", "2");
        first.Refused();
        second.Refused();
        _history.Races.Enqueue([first, second]);
        Rejected("0 of 2 creators won");
    }

    [Fact]
    public void A_listing_without_an_acknowledged_key_is_found()
    {
        Put("1");
        Keys.List().Returned([], static _ => true);
        Rejected("no order explains");
    }

    [Fact]
    public void A_write_that_timed_out_and_happened_twice_is_found()
    {
        _ = Keys.Put("key", "1");
        Keys.Get("key").Returned("1");
        Put("2");
        Keys.Get("key").Returned("2");
        Keys.Get("key").Returned("1");
        Rejected("no order explains");
    }

    [Fact]
    public void A_deleted_object_that_comes_back_is_found()
    {
        Put("1");
        Keys.Delete("key").Acknowledged();
        Keys.Get("key").Returned("1");
        Rejected("no order explains");
    }

    [Fact]
    public void Bytes_of_two_writes_in_one_body_are_found()
    {
        var torn = WriteValue.Bytes(7, 100);
        WriteValue.Bytes(8, 100).AsSpan(50).CopyTo(torn.AsSpan(50));
        Assert.Equal(7, WriteValue.IdOf(WriteValue.Bytes(7, 100)));
        Assert.Null(WriteValue.IdOf(torn));
        Assert.Null(WriteValue.IdOf(WriteValue.Bytes(7, 100).AsSpan(0, 99)));
    }

    [Fact]
    public void Writes_that_timed_out_and_happen_late_or_never_are_accepted()
    {
        _ = Keys.Put("key", "1");
        _ = Keys.Put("key", "2");
        Keys.Get("key").Returned(null);
        Put("3");
        Keys.Get("key").Returned("3");
        Keys.Get("key").Returned("2");
        _ = Keys.Delete("key");
        Keys.List().Returned([], static _ => true);
        var lost = Keys.Create("key", "4");
        lost.Acknowledged();
        Assert.Empty(HistoryCheck.Run(_history));
    }

    private void Put(string value) => Keys.Put("key", value, "one gateway").Acknowledged();

    private void Rejected(string why) =>
        Assert.Contains(HistoryCheck.Run(_history), f => f.Contains(why, StringComparison.Ordinal));
}
