using System.Buffers;
using Orleans.CodeGeneration;
using Orleans.Serialization.Invocation;
using Vault.Generated.Vault_Runtime_Contracts_Tests;
using Vault.Runtime.Contracts.Tests.Serialization;
using Vault.Runtime.Invocation;
using Vault.Runtime.Serialization;

namespace Vault.Runtime.Contracts.Tests.Invocation;

public sealed class GeneratedRequestTests
{
    private static readonly Message Message = RandomValues.Message(new Random(1));
    private readonly CodecProvider _codecs = Wire.NewProvider();

    [Fact]
    public void A_method_says_what_its_declaration_says()
    {
        var read = new Vault_Runtime_Contracts_Tests_Invocation_IProbe_ReadAsync_2_Method();
        Assert.Equal(("ReadAsync", "read", typeof(IProbe)), (read.Name, read.Alias, read.InterfaceType));
        Assert.Equal(InvokeMethodOptions.ReadOnly | InvokeMethodOptions.AlwaysInterleave, read.Options);
        Assert.Equal(TimeSpan.FromSeconds(7), read.ResponseTimeout);
        Assert.Equal(typeof(IProbe).GetMethod("ReadAsync"), read.Method);
        Assert.Equal(
            InvokeMethodOptions.OneWay,
            new Vault_Runtime_Contracts_Tests_Invocation_IProbe_TellAsync_1_Method().Options);
        Assert.Equal(
            InvokeMethodOptions.OneWay, new Vault_Runtime_Contracts_Tests_Invocation_IProbe_Fire_3_Method().Options);
        Assert.Null(new Vault_Runtime_Contracts_Tests_Invocation_IProbe_MixAsync_0_Method().ResponseTimeout);
    }

    [Fact]
    public void Arguments_are_found_by_their_index()
    {
        var request = Mix(5, "t", [1], Message);
        Assert.Equal(5, request.GetArgumentCount());
        Assert.Equal(
            [5, "t", new byte[] { 1 }, Message, CancellationToken.None],
            Enumerable.Range(0, 5).Select(request.GetArgument));
        request.SetArgument(1, "u");
        Assert.Equal("u", request.GetArgument(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => request.GetArgument(5));
        Assert.Throws<ArgumentOutOfRangeException>(() => request.SetArgument(5, null));
        Assert.Throws<InvalidCastException>(() => request.SetArgument(0, "not a number"));
    }

    [Fact]
    public void Arguments_cross_the_wire_without_their_token()
    {
        var written = Mix(5, null, [1, 2], Message);
        var output = new ArrayBufferWriter<byte>();
        var writer = new CborWriter(output);
        written.WriteArguments(ref writer);
        writer.Flush();

        var read = written.Method.CreateRequest();
        var reader = new CborReader(output.WrittenSpan);
        read.ReadArguments(ref reader);
        Assert.Equal(output.WrittenCount, reader.BytesRead);
        Assert.Equal((5, null), ((int)read.GetArgument(0)!, read.GetArgument(1)));
        Assert.Equal([1, 2], (byte[])read.GetArgument(2)!);
        RoundTripTests.AssertSame(Message, read.GetArgument(3));
        Assert.Equal(CancellationToken.None, read.CancellationToken);
    }

    [Fact]
    public void A_method_that_grew_a_parameter_understands_the_old_call_and_the_other_way_round()
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new CborWriter(output);
        writer.BeginArray(1);
        writer.WriteInt64(5);
        writer.End();
        writer.BeginArray(6);
        for (var i = 0; i < 6; i++)
        {
            if (i == 0)
            {
                writer.WriteInt64(6);
            }
            else
            {
                writer.WriteNull();
            }
        }

        writer.End();
        writer.Flush();

        var reader = new CborReader(output.WrittenSpan);
        var old = Mix(0, "x", [], Message).Method.CreateRequest();
        old.ReadArguments(ref reader);
        Assert.Equal((5, null), (old.GetArgument(0), old.GetArgument(1)));
        var wide = old.Method.CreateRequest();
        wide.ReadArguments(ref reader);
        Assert.Equal(6, wide.GetArgument(0));
        Assert.Equal(output.WrittenCount, reader.BytesRead);
    }

    [Fact]
    public void Copying_replaces_what_could_change_and_keeps_the_rest()
    {
        byte[] bytes = [1];
        var request = Mix(5, "t", bytes, Message);
        request.CopyArguments();
        Assert.NotSame(bytes, request.GetArgument(2));
        Assert.Equal(bytes, request.GetArgument(2));
        Assert.Same(Message, request.GetArgument(3));
    }

    [Fact]
    public async Task A_request_calls_its_target()
    {
        var target = new Probe();
        using var stop = new CancellationTokenSource();
        var mix = Mix(5, "t", [1], Message);
        mix.CancellationToken = stop.Token;
        Assert.Equal([5], (List<int>)(await Invoke(mix, target)).Result!);
        Assert.Equal([5, "t", new byte[] { 1 }, Message, stop.Token], target.Seen);

        var fire = new Vault_Runtime_Contracts_Tests_Invocation_IProbe_Fire_3_Method().CreateRequest();
        fire.SetArgument(0, (3, "b"));
        _ = await Invoke(fire, target);
        Assert.Equal((3, "b"), target.Seen[^1]);
        Assert.Equal(7L, (await Invoke(
            new Vault_Runtime_Contracts_Tests_Invocation_IProbe_ReadAsync_2_Method().CreateRequest(), target)).Result);
        Assert.Null((await Invoke(
            new Vault_Runtime_Contracts_Tests_Invocation_IProbe_WaitAsync_4_Method().CreateRequest(), target))
            .Exception);
    }

    private static ValueTask<Response> Invoke(GrainRequest request, Probe target)
    {
        IInvokable invokable = request;
        invokable.SetTarget(new Holder(target));
        return invokable.Invoke();
    }

    private Vault_Runtime_Contracts_Tests_Invocation_IProbe_MixAsync_0_Request Mix(
        int number, string? text, byte[] bytes, Message message)
    {
        var method = new Vault_Runtime_Contracts_Tests_Invocation_IProbe_MixAsync_0_Method();
        method.Bind(_codecs);
        return new Vault_Runtime_Contracts_Tests_Invocation_IProbe_MixAsync_0_Request(method)
        {
            Arg0 = number,
            Arg1 = text,
            Arg2 = bytes,
            Arg3 = message,
        };
    }

    private sealed class Holder(object target) : ITargetHolder
    {
        public TTarget? GetTarget<TTarget>()
            where TTarget : class => target as TTarget;

        public TComponent? GetComponent<TComponent>()
            where TComponent : class => null;
    }
}
