using System.ComponentModel.DataAnnotations;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;
using Npgsql;
using Vault.Events.Redis;

namespace Vault.Silo.Serve;

/// <summary>Names every wrong setting and its fix at once.</summary>
internal sealed class ServeOptionsValidator : IValidateOptions<ServeOptions>
{
    public ValidateOptionsResult Validate(string? name, ServeOptions options)
    {
        List<ValidationResult> found = [];
        Validator.TryValidateObject(options, new ValidationContext(options), found, validateAllProperties: true);
        var errors = found.ConvertAll(r => $"Vault: {r.ErrorMessage}");
        errors.AddRange(ClusterSettings.Faults(options));
        if (options.StateBackend is not ("file" or "postgres"))
        {
            errors.Add($"Vault:StateBackend (STATE_BACKEND) is '{options.StateBackend}': say 'file' for the embedded "
                + "database, or 'postgres'.");
        }

        if (options.StateBackend == "postgres" && string.IsNullOrEmpty(options.DatabaseUrl))
        {
            errors.Add("Vault:DatabaseUrl is missing: set DATABASE_URL to a PostgreSQL connection string, or "
                + "STATE_BACKEND=file.");
        }

        if (options.DatabaseUrl is { Length: > 0 } database && DatabaseFault(database) is { } wrong)
            errors.Add($"Vault:DatabaseUrl (DATABASE_URL) is no connection string of PostgreSQL: {wrong}");
        if (options.RedisUrl is { Length: > 0 } redis
            && !RedisAddress.TryParse(redis, out _, out var fault, options.RedisTlsAuthority))
        {
            errors.Add($"Vault:RedisUrl (REDIS_URL): {fault}.");
        }

        if (options.S3TlsPort is not null && (options.TlsCert is null || options.TlsKey is null))
        {
            errors.Add("Vault:S3TlsPort needs a certificate: give --tls-cert and --tls-key, both PEM files.");
        }

        foreach (var (setting, path) in new[]
        {
            ("TlsCert", options.TlsCert), ("TlsKey", options.TlsKey),
            ("RedisTlsAuthority", options.RedisTlsAuthority),
        })
        {
            if (path is not null && !File.Exists(path))
                errors.Add($"Vault:{setting} names '{path}', which does not exist.");
        }

        if (!IsAddress(options.Address))
        {
            errors.Add($"Vault:Address (--address) '{options.Address}' is not an IP address in full: use 127.0.0.1 for "
                + "this machine only, 0.0.0.0 for all.");
        }

        errors.AddRange(SamePorts(Listeners.PortsOf(options)));
        foreach (var (setting, time) in new[]
        {
            ("DrainTime", options.DrainTime), ("UnreadyTime", options.UnreadyTime),
        })
        {
            if (time < TimeSpan.Zero || time > TimeSpan.FromMinutes(5))
                errors.Add($"Vault:{setting} must be between 00:00:00 and 00:05:00.");
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    /// <summary>Short forms (1.2.3 for 1.2.0.3) and other bases are slips, not addresses.</summary>
    internal static bool IsAddress(string text) => IPAddress.TryParse(text, out var address)
        && (address.AddressFamily == AddressFamily.InterNetworkV6 || address.ToString() == text);

    /// <summary>What is wrong with it; without its text, which has a password.</summary>
    private static string? DatabaseFault(string text)
    {
        try
        {
            _ = new NpgsqlConnectionStringBuilder(text);
            return null;
        }
        catch (ArgumentException)
        {
            return "say Host=…;Port=…;Username=…;Password=…;Database=….";
        }
    }

    private static IEnumerable<string> SamePorts(IReadOnlyList<ListenPort> ports)
    {
        for (var i = 0; i < ports.Count; i++)
        {
            for (var j = 0; j < i; j++)
            {
                if (ports[i].Port != ports[j].Port || ports[i].Port == 0) continue;
                yield return $"Vault:{ports[j].Setting} ({ports[j].Flag}) and Vault:{ports[i].Setting} "
                    + $"({ports[i].Flag}) are both {ports[i].Port}: choose two different ports.";
            }
        }
    }
}
