using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Vault.Events.Bus;

namespace Vault.Events.Tests.Support;

/// <summary>A bus of one pretended process, running.</summary>
internal sealed class TestBus : IAsyncDisposable
{
    private readonly ServiceProvider services;
    private readonly CancellationTokenSource stop = new();
    private readonly Task running;

    public TestBus(TimeProvider? time = null, params IEventTransport[] transports)
    {
        var collection = new ServiceCollection();
        collection.AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance);
        collection.AddSingleton(time ?? TimeProvider.System);
        foreach (var transport in transports) collection.AddSingleton(transport);
        collection.AddEvents(alone: transports.Length == 0);
        services = collection.BuildServiceProvider();
        Bus = services.GetRequiredService<EventBus>();
        Instruments = services.GetRequiredService<EventInstruments>();
        Sends = Measured.Sends(services);
        running = Bus.RunAsync(stop.Token);
    }

    public EventBus Bus { get; }

    public EventInstruments Instruments { get; }

    public Measured Sends { get; }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await running;
        Sends.Dispose();
        await services.DisposeAsync();
        stop.Dispose();
    }
}
