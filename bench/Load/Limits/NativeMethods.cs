using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Vault.Load.Limits;

internal static partial class NativeMethods
{
    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    public static partial int DataSync(SafeFileHandle file);
}
