using Orleans.Serialization;
using Orleans.Storage;
using Vault.Runtime.Serialization;

namespace Vault.Runtime.Contracts.Tests.Serialization;

public sealed class ExceptionTests
{
    private readonly CodecProvider _codecs = Wire.NewProvider();

    [Fact]
    public void A_known_exception_keeps_type_message_and_stack()
    {
        var read = Travel(Thrown(new InvalidOperationException("no")));
        Assert.IsType<InvalidOperationException>(read);
        Assert.Equal("no", read.Message);
        Assert.Contains(nameof(Thrown), read.StackTrace, StringComparison.Ordinal);
    }

    [Fact]
    public void A_remote_stack_stays_when_the_exception_is_thrown_again()
    {
        var read = Travel(Thrown(new InvalidOperationException("no")));
        var again = Assert.Throws<InvalidOperationException>((Action)(() => throw read));
        Assert.Contains(nameof(Thrown), again.StackTrace, StringComparison.Ordinal);
        Assert.Contains(
            nameof(A_remote_stack_stays_when_the_exception_is_thrown_again), again.StackTrace,
            StringComparison.Ordinal);
    }

    [Fact]
    public void An_argument_exception_keeps_its_parameter()
    {
        var read = Assert.IsType<ArgumentOutOfRangeException>(
            Travel(new ArgumentOutOfRangeException("size", "too big")));
        Assert.Equal("size", read.ParamName);
        Assert.Equal(new ArgumentOutOfRangeException("size", "too big").Message, read.Message);
    }

    [Fact]
    public void A_disposed_object_keeps_its_name() =>
        Assert.Equal(
            "pipe", Assert.IsType<ObjectDisposedException>(Travel(new ObjectDisposedException("pipe"))).ObjectName);

    [Fact]
    public void Causes_travel_along()
    {
        var read = Travel(new TimeoutException("late", new FormatException("why")));
        Assert.IsType<TimeoutException>(read);
        Assert.Equal("why", Assert.IsType<FormatException>(read.InnerException).Message);
    }

    [Fact]
    public void A_serializable_exception_keeps_its_members()
    {
        var read = Assert.IsType<RefusedException>(Travel(Thrown(new RefusedException("refused", 7))));
        Assert.Equal((7, "refused"), (read.Code, read.Message));
        Assert.Contains(nameof(Thrown), read.StackTrace, StringComparison.Ordinal);
    }

    [Fact]
    public void An_inconsistent_state_keeps_its_etags()
    {
        var read = Assert.IsType<InconsistentStateException>(
            Travel(new InconsistentStateException("changed", "1", "2")));
        Assert.Equal(("1", "2"), (read.StoredEtag, read.CurrentEtag));
    }

    [Fact]
    public void An_unknown_exception_arrives_as_a_fallback_that_names_it()
    {
        var read = Assert.IsType<UnavailableExceptionFallbackException>(Travel(Thrown(new StrangeException())));
        Assert.Equal(typeof(StrangeException).FullName, read.ExceptionType);
        Assert.Equal("strange", read.Message);
        Assert.Contains(nameof(Thrown), read.StackTrace, StringComparison.Ordinal);
        Assert.Equal(
            typeof(StrangeException).FullName,
            Assert.IsType<UnavailableExceptionFallbackException>(Travel(read)).ExceptionType);
    }

    [Fact]
    public void A_long_chain_of_causes_is_cut_and_not_refused()
    {
        Exception error = new FormatException("innermost");
        for (var i = 0; i < 1000; i++)
        {
            error = new InvalidOperationException(new string('x', 40_000), error);
        }

        var bytes = _codecs.Write(error);
        Assert.InRange(bytes.Length, 1, 1 << 20);
        Assert.IsType<InvalidOperationException>(_codecs.Read<Exception>(bytes));
    }

    [Fact]
    public void An_exception_of_another_type_than_declared_is_refused() =>
        Assert.Throws<SerializerException>(
            () => _codecs.Read<TimeoutException>(_codecs.Write<Exception>(new FormatException())));

    private Exception Travel(Exception exception) => _codecs.RoundTrip(exception);

    private static Exception Thrown(Exception exception)
    {
        try
        {
            throw exception;
        }
        catch (Exception caught)
        {
            return caught;
        }
    }

    private sealed class StrangeException() : Exception("strange");
}
