using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Vault.Runtime.Activation;
using Vault.Runtime.Hosting;
using Vault.Runtime.Ownership;

namespace Orleans.TestingHost;

/// <summary>A silo of a test cluster.</summary>
public abstract class SiloHandle : IDisposable, IAsyncDisposable
{
    internal SiloHandle()
    {
    }

    /// <summary>Its name.</summary>
    public string Name { get; set; } = "";

    /// <summary>Its number in the cluster.</summary>
    public short InstanceNumber { get; set; }

    /// <summary>Its address.</summary>
    public SiloAddress SiloAddress { get; set; } = SiloAddress.Zero;

    /// <summary>Its address for clients.</summary>
    public SiloAddress GatewayAddress { get; set; } = SiloAddress.Zero;

    /// <summary>Whether it runs.</summary>
    public abstract bool IsActive { get; }

    /// <summary>Stops it, or ends it as if its process had died.</summary>
    public abstract Task StopSiloAsync(bool stopGracefully);

    /// <summary>Stops it.</summary>
    public abstract Task StopSiloAsync(CancellationToken ct);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();

    /// <inheritdoc/>
    public override string ToString() => SiloAddress.ToString();

    /// <summary>Ends it.</summary>
    protected virtual void Dispose(bool disposing)
    {
    }
}

/// <summary>A silo in the test's own process.</summary>
public class InProcessSiloHandle : SiloHandle
{
    private bool _active;

    internal InProcessSiloHandle(IHost host)
    {
        SiloHost = host;
        var details = host.Services.GetRequiredService<ILocalSiloDetails>();
        (SiloAddress, GatewayAddress) = (details.SiloAddress, details.GatewayAddress);
    }

    /// <summary>Its host.</summary>
    public IHost SiloHost { get; init; }

    /// <summary>Its services.</summary>
    public IServiceProvider ServiceProvider => SiloHost.Services;

    /// <inheritdoc/>
    public override bool IsActive => _active;

    internal ActivationTable Activations => ServiceProvider.GetRequiredService<ActivationTable>();

    internal ViewHolder Views => ServiceProvider.GetRequiredService<ViewHolder>();

    /// <inheritdoc/>
    public override async Task StopSiloAsync(bool stopGracefully)
    {
        if (!_active)
        {
            return;
        }

        _active = false;
        if (!stopGracefully)
        {
            await ServiceProvider.GetRequiredService<SiloService>().KillAsync();
            await ServiceProvider.GetRequiredService<IMembership>().RemoveAsync(SiloAddress, CancellationToken.None);
        }

        await SiloHost.StopAsync();
    }

    /// <inheritdoc/>
    public override async Task StopSiloAsync(CancellationToken ct)
    {
        if (_active)
        {
            _active = false;
            await SiloHost.StopAsync(ct);
        }
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await StopSiloAsync(stopGracefully: true);
        await Disposal.DisposeAsync(SiloHost);
        GC.SuppressFinalize(this);
    }

    internal async Task StartAsync(CancellationToken ct)
    {
        await SiloHost.StartAsync(ct);
        _active = true;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            StopSiloAsync(stopGracefully: true).GetAwaiter().GetResult();
            SiloHost.Dispose();
        }

        base.Dispose(disposing);
    }
}

internal static class Disposal
{
    public static async Task DisposeAsync(IHost host)
    {
        if (host is IAsyncDisposable disposable)
        {
            await disposable.DisposeAsync();
        }
        else
        {
            host.Dispose();
        }
    }
}
