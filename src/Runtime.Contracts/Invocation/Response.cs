using System.Runtime.ExceptionServices;

namespace Orleans.Serialization.Invocation;

/// <summary>The outcome of a call.</summary>
public abstract class Response : IDisposable
{
    /// <summary>The outcome of a call without a result.</summary>
    public static Response Completed { get; } = new Success<object?>(null);

    /// <summary>The result; throws what the call threw.</summary>
    public abstract object? Result { get; set; }

    /// <summary>What the call threw.</summary>
    public abstract Exception? Exception { get; set; }

    /// <summary>A failure.</summary>
    public static Response FromException(Exception exception) => new Failure(exception);

    /// <summary>A result.</summary>
    public static Response FromResult<TResult>(TResult value) => new Success<TResult>(value);

    /// <summary>The result; throws what the call threw.</summary>
    public abstract T GetResult<T>();

    /// <inheritdoc/>
    public abstract void Dispose();

    private sealed class Success<TResult>(TResult? value) : Response
    {
        private TResult? _value = value;

        public override object? Result
        {
            get => _value;
            set => _value = (TResult?)value;
        }

        public override Exception? Exception
        {
            get => null;
            set => throw new InvalidOperationException($"Cannot set {nameof(Exception)} of a response with a result.");
        }

        public override T GetResult<T>() => _value is T value ? value : (T)(object?)_value!;

        public override void Dispose()
        {
        }
    }

    private sealed class Failure(Exception? exception) : Response
    {
        public override object? Result
        {
            get => Throw();
            set => throw new InvalidOperationException($"Cannot set {nameof(Result)} of a failed response.");
        }

        public override Exception? Exception { get; set; } = exception;

        public override T GetResult<T>() => (T)Throw()!;

        public override void Dispose()
        {
        }

        private object? Throw()
        {
            ExceptionDispatchInfo.Throw(Exception!);
            return null;
        }
    }
}
