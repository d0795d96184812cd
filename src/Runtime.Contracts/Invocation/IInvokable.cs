using System.Reflection;

namespace Orleans.Serialization.Invocation;

/// <summary>Holds what calls are made on.</summary>
public interface ITargetHolder
{
    /// <summary>The object itself.</summary>
    TTarget? GetTarget<TTarget>()
        where TTarget : class;

    /// <summary>A component attached to it.</summary>
    TComponent? GetComponent<TComponent>()
        where TComponent : class;
}

/// <summary>A call: a method and its arguments.</summary>
public interface IInvokable : IDisposable
{
    /// <summary>Whether it takes a cancellation token.</summary>
    bool IsCancellable => false;

    /// <summary>What it is called on.</summary>
    object? GetTarget();

    /// <summary>Sets what it is called on.</summary>
    void SetTarget(ITargetHolder holder);

    /// <summary>Makes the call; a failure is in the response.</summary>
    ValueTask<Response> Invoke();

    /// <summary>How many arguments it has.</summary>
    int GetArgumentCount();

    /// <summary>An argument.</summary>
    object? GetArgument(int index);

    /// <summary>Replaces an argument.</summary>
    void SetArgument(int index, object value);

    /// <summary>The method's name.</summary>
    string GetMethodName();

    /// <summary>The interface's name.</summary>
    string GetInterfaceName();

    /// <summary>Interface and method, for traces.</summary>
    string GetActivityName();

    /// <summary>The interface's method.</summary>
    MethodInfo GetMethod();

    /// <summary>The interface.</summary>
    Type GetInterfaceType();

    /// <summary>How long callers of this method wait, when it says so.</summary>
    TimeSpan? GetDefaultResponseTimeout() => default;

    /// <summary>The cancellation token among the arguments.</summary>
    CancellationToken GetCancellationToken() => default;

    /// <summary>Cancels the token that the method got.</summary>
    bool TryCancel() => false;
}
