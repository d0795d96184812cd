using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Vault.Runtime.Messaging;

/// <summary>
/// Names a method of a grain interface in requests: the first 8 bytes, big-endian, of SHA-256 over interface name, a
/// zero byte and method alias. It needs no agreement between two builds, and no text in a request.
/// </summary>
internal static class MethodKeys
{
    public static ulong Of(string interfaceName, string methodAlias) => BinaryPrimitives.ReadUInt64BigEndian(
        SHA256.HashData(Encoding.UTF8.GetBytes($"{interfaceName}\0{methodAlias}")));
}
