using System.Runtime.CompilerServices;

namespace Vault.Runtime.Serialization;

/// <summary>An enum travels as the integer under it; a value without a name is kept.</summary>
internal sealed class EnumCodec<T> : ImmutableCodec<T>
    where T : struct, Enum
{
    public override void Write(ref CborWriter writer, T value)
    {
        switch (Type.GetTypeCode(typeof(T)))
        {
            case TypeCode.SByte:
                writer.WriteInt64(Unsafe.BitCast<T, sbyte>(value));
                break;
            case TypeCode.Byte:
                writer.WriteUInt64(Unsafe.BitCast<T, byte>(value));
                break;
            case TypeCode.Int16:
                writer.WriteInt64(Unsafe.BitCast<T, short>(value));
                break;
            case TypeCode.UInt16:
                writer.WriteUInt64(Unsafe.BitCast<T, ushort>(value));
                break;
            case TypeCode.Int32:
                writer.WriteInt64(Unsafe.BitCast<T, int>(value));
                break;
            case TypeCode.UInt32:
                writer.WriteUInt64(Unsafe.BitCast<T, uint>(value));
                break;
            case TypeCode.Int64:
                writer.WriteInt64(Unsafe.BitCast<T, long>(value));
                break;
            default:
                writer.WriteUInt64(Unsafe.BitCast<T, ulong>(value));
                break;
        }
    }

    public override T Read(ref CborReader reader) => Type.GetTypeCode(typeof(T)) switch
    {
        TypeCode.SByte => Unsafe.BitCast<sbyte, T>((sbyte)reader.ReadInt64(sbyte.MinValue, sbyte.MaxValue)),
        TypeCode.Byte => Unsafe.BitCast<byte, T>((byte)reader.ReadInt64(byte.MinValue, byte.MaxValue)),
        TypeCode.Int16 => Unsafe.BitCast<short, T>((short)reader.ReadInt64(short.MinValue, short.MaxValue)),
        TypeCode.UInt16 => Unsafe.BitCast<ushort, T>((ushort)reader.ReadInt64(ushort.MinValue, ushort.MaxValue)),
        TypeCode.Int32 => Unsafe.BitCast<int, T>(reader.ReadInt32()),
        TypeCode.UInt32 => Unsafe.BitCast<uint, T>((uint)reader.ReadInt64(uint.MinValue, uint.MaxValue)),
        TypeCode.Int64 => Unsafe.BitCast<long, T>(reader.ReadInt64()),
        _ => Unsafe.BitCast<ulong, T>(reader.ReadUInt64()),
    };
}
