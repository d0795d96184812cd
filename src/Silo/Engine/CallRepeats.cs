using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.ExceptionServices;
using Orleans.Serialization.Invocation;
using Vault.Grains.Abstractions.Wire;

namespace Vault.Silo.Engine;

/// <summary>
/// The outcome of a front end's call that failed on its way is unknown: what the method's contract calls safe to repeat
/// is repeated, after failures twice at most; everything else ends in the exception (decisions §2.5). What says itself
/// that nothing changed, because a newer activation had taken over, is repeated in any case. Calls of grains are left
/// alone.
/// </summary>
internal sealed class CallRepeats(TimeProvider time, SiloWatch? watch = null) : IOutgoingGrainCallFilter
{
    private const int MostAttempts = 3;

    /// <summary>
    /// Of those that were given up because a silo had left, which may be said of one silo several times within a second.
    /// </summary>
    private const int MostGivenUp = 6;

    private static readonly ConcurrentDictionary<MethodInfo, bool> Repeatable = new();
    private static readonly TimeSpan[] Pauses = [TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(250)];

    /// <summary>Attempts that went before, of a call that is made again from here: failed, and given up.</summary>
    private static readonly AsyncLocal<(int Failed, int GivenUp)> Earlier = new();

    public async Task Invoke(IOutgoingGrainCallContext context)
    {
        if (context.SourceId is { } source && !source.IsClient())
        {
            await context.Invoke();
            return;
        }

        var (failed, givenUp) = Earlier.Value;
        var arguments = ArgumentsOf(context.Request); // the request may be wiped when it has been answered
        Exception? failure = null;
        try
        {
            if (await EndsAsync(context)) return;
        }
        catch (Exception e) when (e is SupersededException || IsLost(e, arguments))
        {
            failure = e;
        }

        _ = failure is null ? givenUp++ : failed++;

        // Who has waited twice has waited long enough.
        if (failed >= MostAttempts || (failure is TimeoutException && failed + 1 >= MostAttempts)
            || givenUp >= MostGivenUp || (failure is not SupersededException && !IsRepeatable(context)))
        {
            if (failure is SupersededException or OrleansException or TimeoutException)
                ExceptionDispatchInfo.Throw(failure);
            throw new SiloUnavailableException(
                $"A silo left while {context.InterfaceName}.{context.MethodName} was under way.", failure!);
        }

        if (failure is not null) await Task.Delay(Pauses[failed - 1], time);
        await AgainAsync(context, arguments, (failed, givenUp));
    }

    /// <summary>Whether the call failed on its way, there or back. Orleans cancels what it gives up.</summary>
    private static bool IsLost(Exception failure, object?[] arguments) =>
        failure is OrleansException or TimeoutException or ObjectDisposedException
        || (failure is OperationCanceledException
            && !arguments.Any(static a => a is CancellationToken { IsCancellationRequested: true }));

    private static bool IsRepeatable(IOutgoingGrainCallContext context) => Repeatable.GetOrAdd(
        context.InterfaceMethod, static method => method.IsDefined(typeof(RepeatableAttribute)));

    /// <summary>Waits for the answer, and no longer than a while after silos have gone.</summary>
    /// <returns>False: it may hang for ever.</returns>
    private async ValueTask<bool> EndsAsync(IOutgoingGrainCallContext context)
    {
        if (watch is null)
        {
            await context.Invoke();
            return true;
        }

        var gone = watch.Gone;
        var call = context.Invoke();
        if (!call.IsCompleted && await Task.WhenAny(call, gone) != call)
        {
            _ = call.ContinueWith(
                static ended => ended.Exception, CancellationToken.None,
                TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
            return false;
        }

        await call;
        return true;
    }

    private static object?[] ArgumentsOf(IInvokable request)
    {
        var arguments = new object?[request.GetArgumentCount()];
        for (var i = 0; i < arguments.Length; i++) arguments[i] = request.GetArgument(i);
        return arguments;
    }

    /// <summary>A call of its own, since the first still waits for its answer in the context.</summary>
    private static async Task AgainAsync(IOutgoingGrainCallContext context, object?[] arguments, (int, int) earlier)
    {
        Earlier.Value = earlier;
        var call = (Task)context.InterfaceMethod.Invoke(
            context.Grain, BindingFlags.DoNotWrapExceptions, null, arguments, null)!;
        await call;
        context.Result = call.GetType().GetProperty(nameof(Task<>.Result))?.GetValue(call);
    }
}
