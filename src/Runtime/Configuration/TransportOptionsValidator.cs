using System.Text;
using Microsoft.Extensions.Options;

namespace Vault.Runtime;

internal sealed class TransportOptionsValidator : IValidateOptions<TransportOptions>
{
    private const int MinFrameBytes = 64 << 10;

    public ValidateOptionsResult Validate(string? name, TransportOptions options)
    {
        var errors = new List<string>();
        if (Encoding.UTF8.GetByteCount(options.ClusterSecret) < TransportOptions.MinSecretBytes)
        {
            errors.Add($"{nameof(options.ClusterSecret)} must have at least {TransportOptions.MinSecretBytes} bytes.");
        }

        string?[] files = [options.CertificateFile, options.CertificateKeyFile, options.AuthorityFile];
        if (files.Any(f => f is null) && files.Any(f => f is not null))
        {
            errors.Add($"{nameof(options.CertificateFile)}, {nameof(options.CertificateKeyFile)} and "
                + $"{nameof(options.AuthorityFile)} go together: set all or none.");
        }

        errors.AddRange(files.Where(f => f is not null && !File.Exists(f)).Select(f => $"File '{f}' is not there."));
        foreach (var (property, time) in new[]
        {
            (nameof(options.ConnectTimeout), options.ConnectTimeout),
            (nameof(options.HandshakeTimeout), options.HandshakeTimeout),
            (nameof(options.HeartbeatInterval), options.HeartbeatInterval),
            (nameof(options.CloseTimeout), options.CloseTimeout),
            (nameof(options.StartTimeout), options.StartTimeout),
        })
        {
            if (time <= TimeSpan.Zero)
            {
                errors.Add($"{property} must be more than nothing.");
            }
        }

        if (options.PeerTimeout < 2 * options.HeartbeatInterval)
        {
            errors.Add($"{nameof(options.PeerTimeout)} must be at least two of {nameof(options.HeartbeatInterval)}.");
        }

        if (options.MaxFrameBytes < MinFrameBytes || options.SendQueueBytes < MinFrameBytes
            || options.MaxConnections < 1 || options.MaxHandshakes < 1)
        {
            errors.Add($"{nameof(options.MaxFrameBytes)} and {nameof(options.SendQueueBytes)} must be at least "
                + $"{MinFrameBytes}, {nameof(options.MaxConnections)} and {nameof(options.MaxHandshakes)} at least 1.");
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }
}
