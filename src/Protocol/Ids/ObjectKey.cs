using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.Unicode;
using Vault.Protocol.Encryption;

namespace Vault.Protocol.Ids;

/// <summary>An object's key: 1 to 1,024 bytes of valid UTF-8, compared and listed by its bytes.</summary>
public sealed class ObjectKey : IEquatable<ObjectKey>
{
    /// <summary>Most bytes in a key.</summary>
    public const int MaxBytes = 1024;

    private readonly byte[] _bytes;
    private byte[]? _hash;

    private ObjectKey(byte[] bytes) => _bytes = bytes;

    /// <summary>The UTF-8 bytes.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes;

    /// <summary>SHA-256 of the bytes: what sealed heads are bound to and partitions are chosen by.</summary>
    public ReadOnlySpan<byte> Hash
    {
        get
        {
            if (_hash is { } known)
            {
                return known;
            }

            var hash = new byte[SHA256.HashSizeInBytes];
            ShortSha256.Hash(_bytes, hash);
            return _hash = hash;
        }
    }

    /// <summary>Copies <paramref name="utf8"/>; false when empty, too long or not UTF-8.</summary>
    public static bool TryParse(ReadOnlySpan<byte> utf8, [NotNullWhen(true)] out ObjectKey? key)
    {
        var valid = utf8.Length is > 0 and <= MaxBytes && Utf8.IsValid(utf8);
        key = valid ? new ObjectKey(utf8.ToArray()) : null;
        return valid;
    }

    /// <summary>Encodes <paramref name="text"/>; false when empty, too long or holding a lone surrogate.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out ObjectKey? key)
    {
        key = null;
        Span<byte> utf8 = stackalloc byte[MaxBytes];
        if (text.IsEmpty
            || Utf8.FromUtf16(text, utf8, out _, out var written, replaceInvalidSequences: false)
                != OperationStatus.Done)
        {
            return false;
        }

        key = new ObjectKey(utf8[..written].ToArray());
        return true;
    }

    /// <summary>The index partition that owns this key.</summary>
    /// <param name="partitions">How many the bucket has, 1 to 256; fixed when the bucket was made.</param>
    public int Partition(int partitions)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(partitions, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(partitions, 256);
        return Hash[0] % partitions;
    }

    /// <summary>Byte order, which for UTF-8 is code point order: the order of listings.</summary>
    public int CompareTo(ObjectKey other) => _bytes.AsSpan().SequenceCompareTo(other._bytes);

    /// <inheritdoc/>
    public bool Equals(ObjectKey? other) => other is not null && _bytes.AsSpan().SequenceEqual(other._bytes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ObjectKey);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(_bytes);
        return hash.ToHashCode();
    }

    /// <summary>The key as text.</summary>
    public override string ToString() => Encoding.UTF8.GetString(_bytes);

    /// <summary>Whether both have the same bytes.</summary>
    public static bool operator ==(ObjectKey? left, ObjectKey? right) => Equals(left, right);

    /// <summary>Whether the bytes differ.</summary>
    public static bool operator !=(ObjectKey? left, ObjectKey? right) => !Equals(left, right);
}
