using System.Runtime.InteropServices;
using System.Text;

namespace Vault.Silo.FirstStart;

/// <summary>
/// Where secrets are shown that no file of the program's may hold: standard error, or the descriptor that
/// VAULT_TERMINAL_FD names when standard error goes to a log.
/// </summary>
internal static partial class Terminal
{
    private const int StandardError = 2;

    /// <summary>
    /// Shows a line, or nothing for null, and closes the descriptor. Written where the shared offset stands, as the
    /// descriptor may be a file to which the script that started this writes more.
    /// </summary>
    /// <exception cref="IOException">The line could not be written whole.</exception>
    public static void ShowLast(string? line)
    {
        var descriptor =
            int.TryParse(Environment.GetEnvironmentVariable("VAULT_TERMINAL_FD"), out var named) && named > StandardError
                ? named
                : StandardError;
        var rest = Encoding.UTF8.GetBytes(line is null ? "" : line + "\n").AsSpan();
        while (!rest.IsEmpty)
        {
            var written = (int)Write(descriptor, rest, rest.Length);
            if (written <= 0)
                throw new IOException($"cannot show the recovery key (errno {Marshal.GetLastPInvokeError()})");
            rest = rest[written..];
        }

        if (descriptor != StandardError)
            _ = Close(descriptor);
    }

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(int descriptor, ReadOnlySpan<byte> text, nint length);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
