using System.Runtime.InteropServices;

namespace Vault.Protocol.Encryption;

/// <summary>The system libraries this assembly calls; <c>vault doctor</c> and start-up ask before first use.</summary>
public static class NativeLibraries
{
    /// <summary>
    /// What cannot be loaded here: file name and the Debian package that has it. Empty when all is well.
    /// </summary>
    public static IReadOnlyList<(string File, string Package)> Missing()
    {
        (string File, string Package)[] needed =
            [(Sodium.Library, "libsodium23"), (Argon2.Library, "libargon2-1")];
        return [.. needed.Where(library => !CanLoad(library.File))];
    }

    private static bool CanLoad(string file)
    {
        var loaded = NativeLibrary.TryLoad(file, typeof(NativeLibraries).Assembly, searchPath: null, out var handle);
        if (loaded)
        {
            NativeLibrary.Free(handle);
        }

        return loaded;
    }
}
