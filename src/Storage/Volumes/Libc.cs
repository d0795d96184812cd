using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Vault.Storage.Volumes;

/// <summary>The system calls that the base library does not offer, or only with a copy.</summary>
internal static unsafe partial class Libc
{
    internal const int EIntr = 4, EAgain = 11, ENoSpace = 28, ENotSupported = 95, EQuota = 122;
    internal const int RwfNoWait = 8;
    internal const uint SyncRangeWrite = 2;
    internal const int OpenDirectory = 0x10000 | 0x80000; // O_DIRECTORY | O_CLOEXEC, read only

    [StructLayout(LayoutKind.Sequential)]
    internal struct IoVector
    {
        public void* Base;
        public nuint Length;
    }

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    internal static partial int DataSync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    internal static partial int FullSync(int file);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int OpenPath(string path, int flags);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    internal static partial int Close(int file);

    [LibraryImport("libc", EntryPoint = "fallocate", SetLastError = true)]
    internal static partial int Allocate(SafeFileHandle file, int mode, long offset, long length);

    [LibraryImport("libc", EntryPoint = "pwritev", SetLastError = true)]
    internal static partial nint WriteVector(SafeFileHandle file, IoVector* vectors, int count, long offset);

    [LibraryImport("libc", EntryPoint = "preadv2", SetLastError = true)]
    internal static partial nint ReadVector(SafeFileHandle file, IoVector* vectors, int count, long offset, int flags);

    /// <summary>Begins to write dirty pages back without waiting for them; says nothing about durability.</summary>
    [LibraryImport("libc", EntryPoint = "sync_file_range", SetLastError = true)]
    internal static partial int SyncRange(SafeFileHandle file, long offset, long length, uint flags);

    internal static IOException Failure(string what, int error) => error is ENoSpace or EQuota
        ? new DiskFullException($"{what}: {Marshal.GetPInvokeErrorMessage(error)}")
        : new IOException($"{what}: {Marshal.GetPInvokeErrorMessage(error)}", error);
}
