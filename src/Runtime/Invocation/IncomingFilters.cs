using System.Reflection;
using Orleans.Serialization.Invocation;

namespace Vault.Runtime.Invocation;

/// <summary>Runs a silo's filters, and then the grain's own if it is one, around each call that arrives.</summary>
internal sealed class IncomingFilters(IIncomingGrainCallFilter[] filters, bool withGrain) : IIncomingPipeline
{
    public async ValueTask<Response> InvokeAsync(GrainRequest request)
    {
        var context = new Context(filters, withGrain ? request.Target as IIncomingGrainCallFilter : null, request);
        try
        {
            await context.Invoke();
        }
        catch (Exception exception)
        {
            return Response.FromException(exception);
        }

        return context.Response ?? Response.Completed;
    }

    private sealed class Context(
        IIncomingGrainCallFilter[] filters, IIncomingGrainCallFilter? last, GrainRequest request)
        : IIncomingGrainCallContext
    {
        private int _stage;

        public IInvokable Request => request;

        public object Grain => request.Target!;

        public GrainId? SourceId => request.SourceId.IsDefault ? null : request.SourceId;

        public GrainId TargetId => request.TargetId;

        public GrainInterfaceType InterfaceType => GrainInterfaceType.Create(InterfaceName);

        public string InterfaceName => request.Method.InterfaceType.FullName!;

        public string MethodName => request.Method.Name;

        public MethodInfo InterfaceMethod => request.Method.Method;

        public IGrainContext TargetContext => request.Host!.Context!;

        public MethodInfo ImplementationMethod
        {
            get
            {
                var map = request.Target!.GetType().GetInterfaceMap(request.Method.InterfaceType);
                return map.TargetMethods[Array.IndexOf(map.InterfaceMethods, InterfaceMethod)];
            }
        }

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
                else if (stage == filters.Length && last is not null)
                {
                    await last.Invoke(this);
                }
                else
                {
                    Response = await request.InvokeForResponse();
                    if (Response.Exception is { } exception)
                    {
                        System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(exception);
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

/// <summary>A filter made of a delegate.</summary>
internal sealed class DelegateIncomingFilter(IncomingGrainCallFilterDelegate filter) : IIncomingGrainCallFilter
{
    public Task Invoke(IIncomingGrainCallContext context) => filter(context);
}

/// <summary>A filter made of a delegate.</summary>
internal sealed class DelegateOutgoingFilter(OutgoingGrainCallFilterDelegate filter) : IOutgoingGrainCallFilter
{
    public Task Invoke(IOutgoingGrainCallContext context) => filter(context);
}
