using System.Reflection;
using Orleans.Serialization.Invocation;

namespace Orleans;

/// <summary>Runs around calls that arrive; a grain class may implement it for its own.</summary>
public interface IIncomingGrainCallFilter
{
    /// <summary>Runs around a call: <c>await context.Invoke()</c> goes on.</summary>
    Task Invoke(IIncomingGrainCallContext context);
}

/// <summary>Runs around calls that leave.</summary>
public interface IOutgoingGrainCallFilter
{
    /// <summary>Runs around a call: <c>await context.Invoke()</c> goes on.</summary>
    Task Invoke(IOutgoingGrainCallContext context);
}

/// <summary>An <see cref="IIncomingGrainCallFilter"/> as a delegate.</summary>
/// <param name="context">The call.</param>
public delegate Task IncomingGrainCallFilterDelegate(IIncomingGrainCallContext context);

/// <summary>An <see cref="IOutgoingGrainCallFilter"/> as a delegate.</summary>
/// <param name="context">The call.</param>
public delegate Task OutgoingGrainCallFilterDelegate(IOutgoingGrainCallContext context);

/// <summary>A call as filters see it.</summary>
public interface IGrainCallContext
{
    /// <summary>Method and arguments.</summary>
    IInvokable Request { get; }

    /// <summary>The grain, or the reference to it.</summary>
    object Grain { get; }

    /// <summary>Who calls, when it is a grain.</summary>
    GrainId? SourceId { get; }

    /// <summary>Who is called.</summary>
    GrainId TargetId { get; }

    /// <summary>The interface called.</summary>
    GrainInterfaceType InterfaceType { get; }

    /// <summary>The interface's name.</summary>
    string InterfaceName { get; }

    /// <summary>The method's name.</summary>
    string MethodName { get; }

    /// <summary>The interface's method.</summary>
    MethodInfo InterfaceMethod { get; }

    /// <summary>The result, once the call has run; setting it replaces it.</summary>
    object? Result { get; set; }

    /// <summary>The response, once the call has run; setting it replaces it.</summary>
    Response? Response { get; set; }

    /// <summary>Goes on with the next filter or the call.</summary>
    Task Invoke();
}

/// <summary>A call that arrives.</summary>
public interface IIncomingGrainCallContext : IGrainCallContext
{
    /// <summary>The activation.</summary>
    IGrainContext TargetContext { get; }

    /// <summary>The grain class's method.</summary>
    MethodInfo ImplementationMethod { get; }
}

/// <summary>A call that leaves.</summary>
public interface IOutgoingGrainCallContext : IGrainCallContext
{
    /// <summary>The calling activation, when it is a grain.</summary>
    IGrainContext? SourceContext { get; }
}
