using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.ExceptionServices;
using Vault.Grains.Abstractions.Wire;

namespace Vault.Silo.Engine;

/// <summary>
/// The outcome of a front end's call that failed on its way is unknown: what the method's contract calls safe to repeat
/// is repeated, twice at most; everything else ends in the exception (decisions §2.5). What says itself that nothing
/// changed, because a newer activation had taken over, is repeated in any case. Calls of grains are left alone.
/// </summary>
internal sealed class CallRepeats(TimeProvider time, SiloWatch? watch = null) : IOutgoingGrainCallFilter
{
    private const int MostAttempts = 3;
    private static readonly ConcurrentDictionary<MethodInfo, bool> Repeatable = new();
    private static readonly TimeSpan[] Pauses = [TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(250)];

    /// <summary>Attempts that went before, of a call that is made again from here.</summary>
    private static readonly AsyncLocal<int> Earlier = new();

    public async Task Invoke(IOutgoingGrainCallContext context)
    {
        if (context.SourceId is { } source && !source.IsClient())
        {
            await context.Invoke();
            return;
        }

        for (var attempt = Earlier.Value + 1; ; attempt++)
        {
            Exception failure;
            try
            {
                if (await EndsAsync(context)) return;
                if (attempt >= MostAttempts || !IsRepeatable(context)) throw Lost(context);
                await AgainAsync(context, attempt);
                return;
            }
            catch (Exception e) when (attempt < MostAttempts
                && (e is SupersededException || (e is OrleansException or TimeoutException && IsRepeatable(context))))
            {
                failure = e;
            }

            if (failure is TimeoutException && attempt + 1 >= MostAttempts)
                ExceptionDispatchInfo.Throw(failure); // the request has waited long enough
            await Task.Delay(Pauses[attempt - 1], time);
        }
    }

    private static bool IsRepeatable(IOutgoingGrainCallContext context) => Repeatable.GetOrAdd(
        context.InterfaceMethod, static method => method.IsDefined(typeof(RepeatableAttribute)));

    private static SiloUnavailableException Lost(IOutgoingGrainCallContext context) => new(
        $"A silo left while {context.InterfaceName}.{context.MethodName} was under way.");

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

    /// <summary>A call of its own, since the first still waits for its answer in the context.</summary>
    private static async Task AgainAsync(IOutgoingGrainCallContext context, int attempt)
    {
        var arguments = new object?[context.Request.GetArgumentCount()];
        for (var i = 0; i < arguments.Length; i++) arguments[i] = context.Request.GetArgument(i);
        Earlier.Value = attempt;
        var call = (Task)context.InterfaceMethod.Invoke(
            context.Grain, BindingFlags.DoNotWrapExceptions, null, arguments, null)!;
        await call;
        context.Result = call.GetType().GetProperty(nameof(Task<>.Result))?.GetValue(call);
    }
}
