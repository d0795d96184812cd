using System.ComponentModel.DataAnnotations;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;

namespace Vault.Silo.Serve;

/// <summary>What one process is and where it listens; configuration section <c>Vault</c>.</summary>
public sealed class ServeOptions
{
    /// <summary>Directory of the embedded database, the volume and the cluster id. Never holds a key.</summary>
    [Required]
    public string DataDirectory { get; set; } = DefaultDirectory("XDG_DATA_HOME", ".local/share");

    /// <summary>Directory of keys and credentials; files in it are mode 0600.</summary>
    [Required]
    public string ConfigDirectory { get; set; } = DefaultDirectory("XDG_CONFIG_HOME", ".config");

    /// <summary>Address of all listeners.</summary>
    [Required]
    public string Address { get; set; } = "127.0.0.1";

    /// <summary>TCP port of S3 over http; 0 picks a free one.</summary>
    [Range(0, 65535)]
    public int S3Port { get; set; } = 9000;

    /// <summary>TCP port of S3 over https; null for none, 0 picks a free one.</summary>
    [Range(0, 65535)]
    public int? S3TlsPort { get; set; }

    /// <summary>TCP port of <c>/v1</c>, health and metrics; 0 picks a free one.</summary>
    [Range(0, 65535)]
    public int ControlPort { get; set; } = 9001;

    /// <summary>PEM file with the certificate chain of the TLS listener.</summary>
    public string? TlsCert { get; set; }

    /// <summary>PEM file with the private key of the TLS listener.</summary>
    public string? TlsKey { get; set; }

    /// <summary><c>file</c> (embedded SQLite) or <c>postgres</c>.</summary>
    public string StateBackend { get; set; } = "file";

    /// <summary>PostgreSQL connection string; needed when <see cref="StateBackend"/> is <c>postgres</c>.</summary>
    public string? DatabaseUrl { get; set; }

    /// <summary>What this process does. This version runs every role in one process: <c>all</c>.</summary>
    public string Roles { get; set; } = "all";

    /// <summary>Bytes of memory for chunk buffers.</summary>
    [Range(32L << 20, 64L << 30)]
    public long ChunkBufferBytes { get; set; } = 128L << 20;

    /// <summary>Time running requests get to end after SIGTERM.</summary>
    public TimeSpan DrainTime { get; set; } = TimeSpan.FromSeconds(8);

    private static string DefaultDirectory(string variable, string underHome) => Path.Combine(
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } set ? set : Path.Combine(Home, underHome),
        "vault");

    /// <summary>Also where it does not exist yet: an empty path would put keys into the working directory.</summary>
    private static string Home => Environment.GetFolderPath(
        Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify);
}

/// <summary>Names every wrong setting and its fix at once.</summary>
internal sealed class ServeOptionsValidator : IValidateOptions<ServeOptions>
{
    public ValidateOptionsResult Validate(string? name, ServeOptions options)
    {
        List<ValidationResult> found = [];
        Validator.TryValidateObject(options, new ValidationContext(options), found, validateAllProperties: true);
        var errors = found.ConvertAll(r => $"Vault: {r.ErrorMessage}");
        if (options.Roles != "all")
        {
            errors.Add($"Vault:Roles (--roles) is '{options.Roles}': this version runs every role in one process, so "
                + "leave it out or say 'all'.");
        }

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

        if (options.S3TlsPort is not null && (options.TlsCert is null || options.TlsKey is null))
        {
            errors.Add("Vault:S3TlsPort needs a certificate: give --tls-cert and --tls-key, both PEM files.");
        }

        foreach (var (setting, path) in new[] { ("TlsCert", options.TlsCert), ("TlsKey", options.TlsKey) })
        {
            if (path is not null && !File.Exists(path))
                errors.Add($"Vault:{setting} names '{path}', which does not exist.");
        }

        if (!IsAddress(options.Address))
        {
            errors.Add($"Vault:Address (--address) '{options.Address}' is not an IP address in full: use 127.0.0.1 for "
                + "this machine only, 0.0.0.0 for all.");
        }

        if (options.S3Port == options.ControlPort && options.S3Port != 0)
            errors.Add(SamePort("S3Port", "--s3-port", "ControlPort", "--control-port", options.S3Port));
        if (options.S3TlsPort is > 0 and var tls)
        {
            if (tls == options.S3Port) errors.Add(SamePort("S3TlsPort", "--s3-tls-port", "S3Port", "--s3-port", tls));
            if (tls == options.ControlPort)
                errors.Add(SamePort("S3TlsPort", "--s3-tls-port", "ControlPort", "--control-port", tls));
        }

        if (options.DrainTime < TimeSpan.Zero || options.DrainTime > TimeSpan.FromMinutes(5))
        {
            errors.Add("Vault:DrainTime must be between 00:00:00 and 00:05:00.");
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    /// <summary>Short forms (1.2.3 for 1.2.0.3) and other bases are slips, not addresses.</summary>
    private static bool IsAddress(string text) => IPAddress.TryParse(text, out var address)
        && (address.AddressFamily == AddressFamily.InterNetworkV6 || address.ToString() == text);

    private static string SamePort(string setting, string flag, string other, string otherFlag, int port) =>
        $"Vault:{setting} ({flag}) and Vault:{other} ({otherFlag}) are both {port}: choose two different ports.";
}
