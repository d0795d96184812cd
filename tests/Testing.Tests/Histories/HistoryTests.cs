using Vault.Testing.Histories;

namespace Vault.Testing.Tests.Histories;

/// <summary>Histories made by hand: good ones pass, bad ones are told apart from them by one detail.</summary>
public sealed class HistoryTests
{
    private readonly History _history = new();

    [Fact]
    public void Reads_see_the_latest_write_until_it_is_deleted()
    {
        Put("a");
        Get("a");
        Put("b");
        Get("b");
        Delete();
        Get(null);
        Assert.Null(_history.Check());
    }

    [Fact]
    public void A_read_during_a_write_sees_either_value()
    {
        Put("a");
        var write = _history.Put("k", "b");
        Get("a");
        Get("b");
        write.Acknowledged();
        Get("b");
        Assert.Null(_history.Check());
    }

    [Fact]
    public void A_write_of_unknown_outcome_may_show_late_or_never()
    {
        Put("a");
        _history.Put("k", "b").Unknown();
        _history.Put("k", "c").Unknown();
        Get("a");
        Get("b");
        Get("b");
        _history.Delete("k");
        Get("b");
        Get(null);
        Assert.Null(_history.Check());
    }

    [Fact]
    public void A_refused_create_is_explained_by_a_write_of_unknown_outcome()
    {
        _history.Create("k", "a").Unknown();
        _history.Create("k", "b").Refused();
        _history.Delete("k").Unknown();
        Create("c");
        Get("c");
        Assert.Null(_history.Check());
    }

    [Fact]
    public void A_lost_acknowledged_write_is_found()
    {
        Put("a");
        Put("b");
        Get("a");
        Bad("Put k b", "Get k -> a");
    }

    [Fact]
    public void A_write_that_vanishes_is_found()
    {
        Put("a");
        Get(null);
        Bad("Put k a", "Get k -> nothing");
    }

    [Fact]
    public void A_read_that_goes_back_is_found()
    {
        Put("a");
        var write = _history.Put("k", "b");
        Get("b");
        Get("a");
        write.Acknowledged();
        Bad("Get k -> b", "Get k -> a");
    }

    [Fact]
    public void Two_winners_of_a_create_are_found()
    {
        var first = _history.Create("k", "a", "one");
        var second = _history.Create("k", "b", "two");
        first.Acknowledged();
        second.Acknowledged();
        Bad("Create k a -> done", "Create k b -> done");
    }

    [Fact]
    public void A_create_without_winner_is_found()
    {
        var first = _history.Create("k", "a");
        var second = _history.Create("k", "b");
        first.Refused();
        second.Refused();
        Bad("refused");
    }

    [Fact]
    public void A_deleted_value_that_comes_back_is_found()
    {
        Put("a");
        Delete();
        Get(null);
        Get("a");
        Bad("Get k -> a");
    }

    [Fact]
    public void A_value_that_nobody_wrote_is_found()
    {
        Put("a");
        Get("x");
        Bad("Get k -> x");
    }

    [Fact]
    public void A_value_read_before_it_was_written_is_found()
    {
        Get("a");
        _history.Put("k", "a").Unknown();
        Bad("Get k -> a");
    }

    [Fact]
    public void A_value_of_a_refused_create_is_found()
    {
        Put("a");
        _history.Create("k", "b").Refused();
        Get("b");
        Bad("Get k -> b");
    }

    [Fact]
    public void A_write_of_unknown_outcome_takes_effect_only_once()
    {
        Put("a");
        _history.Put("k", "b").Unknown();
        Get("b");
        Put("c");
        Get("b");
        Bad("Put k c", "Get k -> b");
    }

    [Fact]
    public void A_listing_without_an_acknowledged_key_is_found()
    {
        Put("a");
        _history.List().Returned([], key => key.StartsWith('k'));
        Bad("Put k a", "(listing)");
    }

    [Fact]
    public void A_listing_with_a_deleted_key_is_found()
    {
        Put("a");
        Delete();
        _history.List().Returned([new("k", null)], static _ => true);
        Bad("Delete k", "(listing)");
    }

    [Fact]
    public void A_listing_answers_only_for_what_it_covers()
    {
        Put("a");
        var listing = _history.List();
        var other = _history.Put("l", "b");
        listing.Returned([], key => key != "k");
        other.Acknowledged();
        _history.List().Returned([new("k", "a"), new("l", null)], static _ => true);
        Assert.Null(_history.Check());
    }

    [Fact]
    public void A_violation_among_many_operations_is_told_by_few()
    {
        for (var i = 0; i < 500; i++)
        {
            Put("v" + i);
            Get("v" + i);
        }

        var late = _history.Put("k", "late");
        Get("late");
        Put("last");
        late.Acknowledged();
        Get("late");
        for (var i = 0; i < 500; i++)
        {
            Put("w" + i);
        }

        var violation = _history.Check();
        Assert.NotNull(violation);
        Assert.InRange(violation.Operations.Count, 2, 5);
    }

    private void Put(string value) => _history.Put("k", value).Acknowledged();

    private void Create(string value) => _history.Create("k", value).Acknowledged();

    private void Delete() => _history.Delete("k").Acknowledged();

    private void Get(string? value) => _history.Get("k").Returned(value);

    private void Bad(params string[] named)
    {
        var violation = _history.Check();
        Assert.NotNull(violation);
        Assert.All(named, text => Assert.Contains(text, violation.Message));
    }
}
