using System.Reflection;
using System.Runtime.ExceptionServices;
using Orleans.Serialization.Invocation;

namespace Vault.Runtime.Invocation;

/// <summary>Runs filters around each call that leaves.</summary>
internal sealed class OutgoingFilters(IOutgoingGrainCallFilter[] filters)
{
    public bool Any => filters.Length > 0;

    public async Task<T> InvokeAsync<T>(CallDispatcher dispatcher, GrainProxy proxy, GrainRequest<T> request)
    {
        var context = new Context(filters, proxy, request, async () =>
        {
            dispatcher.Send(proxy, request);
            return Response.FromResult(await request.Outcome());
        });
        await context.Invoke();
        return context.Response!.GetResult<T>();
    }

    public async Task InvokeAsync(CallDispatcher dispatcher, GrainProxy proxy, VoidGrainRequest request)
    {
        var context = new Context(filters, proxy, request, async () =>
        {
            dispatcher.Send(proxy, request);
            await request.Outcome();
            return Response.Completed;
        });
        await context.Invoke();
        _ = context.Response?.Result;
    }

    public void InvokeOneWay(CallDispatcher dispatcher, GrainProxy proxy, GrainRequest request)
    {
        var context = new Context(filters, proxy, request, () =>
        {
            dispatcher.Send(proxy, request);
            return Task.FromResult(Response.Completed);
        });
        _ = context.Invoke();
    }

    private sealed class Context(
        IOutgoingGrainCallFilter[] filters, GrainProxy proxy, GrainRequest request, Func<Task<Response>> send)
        : IOutgoingGrainCallContext
    {
        private int _stage;

        public IInvokable Request => request;

        public object Grain => proxy;

        public IGrainContext? SourceContext { get; } = Turn.CurrentContext;

        public GrainId? SourceId => SourceContext?.GrainId;

        public GrainId TargetId => proxy.GrainId;

        public GrainInterfaceType InterfaceType => proxy.InterfaceType;

        public string InterfaceName => proxy.InterfaceName;

        public string MethodName => request.Method.Name;

        public MethodInfo InterfaceMethod => request.Method.Method;

        public object? Result
        {
            get => Response?.Result;
            set => Response = Response.FromResult(value);
        }

        public Response? Response { get; set; }

        public async Task Invoke()
        {
            var stage = _stage++;
            try
            {
                if (stage < filters.Length)
                {
                    await filters[stage].Invoke(this);
                }
                else
                {
                    try
                    {
                        Response = await send();
                    }
                    catch (Exception exception)
                    {
                        Response = Response.FromException(exception);
                        ExceptionDispatchInfo.Throw(exception);
                    }
                }
            }
            finally
            {
                _stage--;
            }
        }
    }
}
