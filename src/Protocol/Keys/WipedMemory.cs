using System.Buffers;
using System.Security.Cryptography;

namespace Vault.Protocol.Keys;

/// <summary>Rented memory for a plaintext; wiped before it goes back.</summary>
internal ref struct WipedMemory(int length)
{
    private byte[]? _rented = ArrayPool<byte>.Shared.Rent(length);

    internal readonly Memory<byte> Memory => _rented.AsMemory(0, length);

    internal readonly Span<byte> Span => _rented.AsSpan(0, length);

    public void Dispose()
    {
        if (_rented is { } rented)
        {
            CryptographicOperations.ZeroMemory(rented.AsSpan(0, length));
            _rented = null;
            ArrayPool<byte>.Shared.Return(rented);
        }
    }
}
