using System.Collections.Immutable;
using Orleans.Concurrency;

namespace Vault.Runtime.Serialization;

/// <summary>The types that need no attribute.</summary>
internal static class BuiltInCodecs
{
    public static void AddTo(CodecRegistry registry)
    {
        registry.Add("grainid", static () => new GrainIdCodec());
        registry.Add("graintype", static () => new GrainTypeCodec());
        registry.Add("graininterfacetype", static () => new GrainInterfaceTypeCodec());
        registry.Add("idspan", static () => new IdSpanCodec());
        registry.Add("siloaddress", static () => new SiloAddressCodec());

        registry.Add("bool", static () => new BooleanCodec());
        registry.Add("byte", static () => new ByteCodec());
        registry.Add("sbyte", static () => new SByteCodec());
        registry.Add("short", static () => new Int16Codec());
        registry.Add("ushort", static () => new UInt16Codec());
        registry.Add("char", static () => new CharCodec());
        registry.Add("int", static () => new Int32Codec());
        registry.Add("uint", static () => new UInt32Codec());
        registry.Add("long", static () => new Int64Codec());
        registry.Add("ulong", static () => new UInt64Codec());
        registry.Add("int128", static () => new Int128Codec());
        registry.Add("uint128", static () => new UInt128Codec());
        registry.Add("float", static () => new SingleCodec());
        registry.Add("double", static () => new DoubleCodec());
        registry.Add("decimal", static () => new DecimalCodec());
        registry.Add("string", static () => new StringCodec());
        registry.Add("guid", static () => new GuidCodec());
        registry.Add("uri", static () => new UriCodec());
        registry.Add("version", static () => new VersionCodec());
        registry.Add("datetime", static () => new DateTimeCodec());
        registry.Add("datetimeoffset", static () => new DateTimeOffsetCodec());
        registry.Add("timespan", static () => new TimeSpanCodec());
        registry.Add("dateonly", static () => new DateOnlyCodec());
        registry.Add("timeonly", static () => new TimeOnlyCodec());
        registry.Add("byte[]", static () => new ByteArrayCodec());
        registry.Add("memory", static () => new MemoryCodec());
        registry.Add("readonlymemory", static () => new ReadOnlyMemoryCodec());
        registry.Add("immutablebytes", static () => new ImmutableByteArrayCodec());

        registry.AddGeneric(typeof(Nullable<>), typeof(NullableCodec<>));
        registry.AddGeneric(typeof(List<>), typeof(ListCodec<>));
        registry.AddGeneric(typeof(HashSet<>), typeof(HashSetCodec<>));
        registry.AddGeneric(typeof(ImmutableArray<>), typeof(ImmutableArrayCodec<>));
        registry.AddGeneric(typeof(Dictionary<,>), typeof(DictionaryCodec<,>));
        registry.AddGeneric(typeof(ImmutableDictionary<,>), typeof(ImmutableDictionaryCodec<,>));
        registry.AddGeneric(typeof(Immutable<>), typeof(ImmutableWrapperCodec<>));
        registry.AddGeneric(typeof(KeyValuePair<,>), typeof(KeyValuePairCodec<,>));
        registry.AddGeneric(typeof(ValueTuple<>), typeof(ValueTupleCodec<>));
        registry.AddGeneric(typeof(ValueTuple<,>), typeof(ValueTupleCodec<,>));
        registry.AddGeneric(typeof(ValueTuple<,,>), typeof(ValueTupleCodec<,,>));
        registry.AddGeneric(typeof(ValueTuple<,,,>), typeof(ValueTupleCodec<,,,>));
        registry.AddGeneric(typeof(ValueTuple<,,,,>), typeof(ValueTupleCodec<,,,,>));
        registry.AddGeneric(typeof(ValueTuple<,,,,,>), typeof(ValueTupleCodec<,,,,,>));
        registry.AddGeneric(typeof(ValueTuple<,,,,,,>), typeof(ValueTupleCodec<,,,,,,>));
    }
}
