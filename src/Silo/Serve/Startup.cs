using System.Net.Sockets;
using System.Text.Json;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;
using Vault.Client.Keys;
using Vault.Grains.Abstractions.Wire;
using Vault.Sql;
using Vault.Storage.Volumes;

namespace Vault.Silo.Serve;

/// <summary>Turns what an operator can mend at start into one line that says how.</summary>
internal static class Startup
{
    public static async Task<int> GuardAsync(Func<Task> run)
    {
        try
        {
            await run();
            return 0;
        }
        catch (OptionsValidationException e)
        {
            foreach (var failure in e.Failures) Console.Error.WriteLine($"vault: {failure}");
            return 2;
        }
        catch (Exception e) when (Explain(e) is { } message)
        {
            Console.Error.WriteLine($"vault: {message}");
            return 1;
        }
    }

    private static string? Explain(Exception e) => e switch
    {
        VolumeLockedException or SqlUnavailableException or SqlMigrationException or VolumeFormatException => e.Message,
        SetupException => e.Message,
        StoreFullException =>
            $"the data directory's disk is full: {e.Message} Make room, or name another directory with --data.",
        IOException { InnerException: AddressInUseException or SocketException } =>
            $"{e.Message.TrimEnd('.')}: another program has the port; choose others with --s3-port and --control-port",
        SocketException => e.Message,
        JsonException => $"{e.Message}: restore it from your backup",
        KeysExposedException => e.Message,
        UnauthorizedAccessException => $"{e.Message} Give a directory you own with --data, keys with --keys.",
        _ => null,
    };
}

/// <summary>Something about this machine or its files must be mended first; the message says what.</summary>
internal sealed class SetupException(string message) : Exception(message);
