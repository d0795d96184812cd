using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static SQLitePCL.raw;

namespace Vault.Sql.Sqlite;

/// <summary>
/// A thin SQLite file layer over the system's: it collects the writer's many small consecutive writes to the
/// write-ahead log (two per page) and hands them to the system as one when the log is synced, read, measured or full.
/// Everything else passes through. Nothing depends on when the bytes reach the file before the sync: no other
/// connection looks at a frame before the commit, which syncs first, has published it.
/// </summary>
internal static unsafe partial class LogWriteCombiner
{
    private const string Name = "vault-log";
    private const int BufferBytes = 1 << 20;

    /// <summary>Bytes per call: the system layer keeps only the low 17 bits of a count.</summary>
    private const int WriteBytes = 1 << 16;

    private static readonly FileLayer* SystemLayer = FindLayer(null);

    // Registered with SQLite once, for the life of the process.
    private static readonly string Registered = Register();

    /// <summary>The layer's name for opening a connection.</summary>
    public static string Layer => Registered;

    private static string Register()
    {
        var system = SystemLayer;
        var layer = (FileLayer*)NativeMemory.Alloc((nuint)sizeof(FileLayer));
        *layer = *system;
        // Later versions' members are not copied, so they must not be promised.
        layer->Version = Math.Min(system->Version, 3);
        layer->Next = null;
        layer->Name = (byte*)Marshal.StringToCoTaskMemUTF8(Name);
        layer->FileBytes = system->FileBytes + sizeof(Tail);
        layer->Open = &Open;
        return RegisterLayer(layer, 0) == SQLITE_OK
            ? Name
            : throw new SqlException("SQLite refused the file layer.");
    }

    // The binding has no calls about file layers: these two, and the shapes below, are SQLite's own, in the same library.
    [LibraryImport("e_sqlite3", EntryPoint = "sqlite3_vfs_find")]
    private static partial FileLayer* FindLayer(byte* name);

    [LibraryImport("e_sqlite3", EntryPoint = "sqlite3_vfs_register")]
    private static partial int RegisterLayer(FileLayer* layer, int makeDefault);

    private static Tail* TailOf(File* file) => (Tail*)((byte*)file + SystemLayer->FileBytes);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Open(FileLayer* layer, byte* path, File* file, int flags, int* outFlags)
    {
        var code = SystemLayer->Open(SystemLayer, path, file, flags, outFlags);
        if (code != SQLITE_OK || (flags & SQLITE_OPEN_WAL) == 0)
        {
            return code;
        }

        var tail = TailOf(file);
        *tail = new Tail { System = file->Methods, Buffer = (byte*)NativeMemory.Alloc(BufferBytes) };
        tail->Own = *file->Methods;
        tail->Own.Version = Math.Min(tail->Own.Version, 3);
        tail->Own.Close = &Close;
        tail->Own.Read = &Read;
        tail->Own.Write = &Write;
        tail->Own.Truncate = &Truncate;
        tail->Own.Sync = &Sync;
        tail->Own.FileSize = &FileSize;
        file->Methods = &tail->Own;
        return SQLITE_OK;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Write(File* file, byte* bytes, int count, long offset)
    {
        var tail = TailOf(file);
        if (tail->Count > 0 && (offset != tail->Offset + tail->Count || count > BufferBytes - tail->Count))
        {
            var code = Flush(file, tail);
            if (code != SQLITE_OK)
            {
                return code;
            }
        }

        if (count > BufferBytes)
        {
            return tail->System->Write(file, bytes, count, offset);
        }

        if (tail->Count == 0)
        {
            tail->Offset = offset;
        }

        Buffer.MemoryCopy(bytes, tail->Buffer + tail->Count, BufferBytes - tail->Count, count);
        tail->Count += count;
        return SQLITE_OK;
    }

    private static int Flush(File* file, Tail* tail)
    {
        var count = tail->Count;
        tail->Count = 0;
        for (var done = 0; done < count; done += WriteBytes)
        {
            var code = tail->System->Write(
                file, tail->Buffer + done, Math.Min(WriteBytes, count - done), tail->Offset + done);
            if (code != SQLITE_OK)
            {
                return code;
            }
        }

        return SQLITE_OK;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Sync(File* file, int flags)
    {
        var tail = TailOf(file);
        var code = Flush(file, tail);
        return code == SQLITE_OK ? tail->System->Sync(file, flags) : code;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Read(File* file, byte* bytes, int count, long offset)
    {
        var tail = TailOf(file);
        var code = Flush(file, tail);
        return code == SQLITE_OK ? tail->System->Read(file, bytes, count, offset) : code;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Truncate(File* file, long size)
    {
        var tail = TailOf(file);
        var code = Flush(file, tail);
        return code == SQLITE_OK ? tail->System->Truncate(file, size) : code;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int FileSize(File* file, long* size)
    {
        var tail = TailOf(file);
        var code = Flush(file, tail);
        return code == SQLITE_OK ? tail->System->FileSize(file, size) : code;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Close(File* file)
    {
        var tail = TailOf(file);
        _ = Flush(file, tail);
        NativeMemory.Free(tail->Buffer);
        file->Methods = tail->System;
        return tail->System->Close(file);
    }

#pragma warning disable CS0649 // members that SQLite sets, or that are only copied

    /// <summary>sqlite3_file.</summary>
    private struct File
    {
        public Methods* Methods;
    }

    /// <summary>sqlite3_io_methods, version 3.</summary>
    private struct Methods
    {
        public int Version;
        public delegate* unmanaged[Cdecl]<File*, int> Close;
        public delegate* unmanaged[Cdecl]<File*, byte*, int, long, int> Read, Write;
        public delegate* unmanaged[Cdecl]<File*, long, int> Truncate;
        public delegate* unmanaged[Cdecl]<File*, int, int> Sync;
        public delegate* unmanaged[Cdecl]<File*, long*, int> FileSize;
        public Others12 Others;
    }

    /// <summary>The members from xLock to xUnfetch, which are only copied.</summary>
    [InlineArray(12)]
    private struct Others12
    {
        private nint member;
    }

    /// <summary>sqlite3_vfs, version 3.</summary>
    private struct FileLayer
    {
        public int Version, FileBytes, MaximumPath;
        public FileLayer* Next;
        public byte* Name;
        public nint Data;
        public delegate* unmanaged[Cdecl]<FileLayer*, byte*, File*, int, int*, int> Open;
        public Others15 Others;
    }

    /// <summary>The members from xDelete to xNextSystemCall, which are only copied.</summary>
    [InlineArray(15)]
    private struct Others15
    {
        private nint member;
    }

    /// <summary>What this layer keeps behind the system's part of a file.</summary>
    private struct Tail
    {
        public Methods* System;
        public Methods Own;
        public byte* Buffer;
        public int Count;
        public long Offset;
    }

#pragma warning restore CS0649
}
