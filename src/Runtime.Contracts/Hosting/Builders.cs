using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Orleans.Hosting;

/// <summary>Configures a silo.</summary>
public interface ISiloBuilder
{
    /// <summary>Its services.</summary>
    IServiceCollection Services { get; }

    /// <summary>Its configuration.</summary>
    IConfiguration Configuration { get; }
}

/// <summary>Configures a cluster client.</summary>
public interface IClientBuilder
{
    /// <summary>Its services.</summary>
    IServiceCollection Services { get; }

    /// <summary>Its configuration.</summary>
    IConfiguration Configuration { get; }
}
