using System.Collections.Immutable;
using System.Net;
using Orleans.Runtime;

namespace Vault.Runtime.Contracts.Tests.Serialization;

/// <summary>Random values of every type that a message may hold, edge cases included.</summary>
internal static class RandomValues
{
    public static IReadOnlyList<(Type Type, Func<Random, object?> Make)> Makers { get; } =
    [
        Of(r => r.Next(2) == 0),
        Of(r => (byte)r.Next(256)),
        Of(r => (sbyte)r.Next(-128, 128)),
        Of(r => (short)r.Next(short.MinValue, short.MaxValue + 1)),
        Of(r => (ushort)r.Next(ushort.MaxValue + 1)),
        Of(r => (char)r.Next(ushort.MaxValue + 1)),
        Of(r => (int)Integer(r)),
        Of(r => (uint)Integer(r)),
        Of(Integer),
        Of(r => (ulong)Integer(r)),
        Of(r => new Int128((ulong)Integer(r), (ulong)Integer(r))),
        Of(r => new UInt128((ulong)Integer(r), (ulong)Integer(r))),
        Of(r => (float)Real(r)),
        Of(Real),
        Of(r => new decimal(r.Next(), r.Next(), r.Next(), r.Next(2) == 0, (byte)r.Next(29))),
        Of<string?>(r => r.Next(8) == 0 ? null : Text(r)),
        Of(Guid),
        Of<Uri?>(r => r.Next(8) == 0 ? null : new Uri("https://example.test/" + r.Next())),
        Of<Version?>(r => r.Next(8) == 0 ? null : new Version(r.Next(9), r.Next(9), r.Next(9))),
        Of(r => new DateTime(r.NextInt64(DateTime.MaxValue.Ticks), (DateTimeKind)r.Next(3))),
        Of(r => new DateTimeOffset(
            r.NextInt64(TimeSpan.TicksPerDay, DateTime.MaxValue.Ticks - TimeSpan.TicksPerDay),
            TimeSpan.FromMinutes(r.Next(-840, 841)))),
        Of(r => TimeSpan.FromTicks(Integer(r))),
        Of(r => DateOnly.FromDayNumber(r.Next(DateOnly.MaxValue.DayNumber + 1))),
        Of(r => new TimeOnly(r.NextInt64(TimeOnly.MaxValue.Ticks + 1))),
        Of<byte[]?>(r => r.Next(8) == 0 ? null : Bytes(r)),
        Of<ReadOnlyMemory<byte>>(r => Bytes(r)),
        Of<Memory<byte>>(r => Bytes(r)),
        Of(r => r.Next(8) == 0 ? default : ImmutableArray.Create(Bytes(r))),
        Of(r => (Colour)r.Next(256)),
        Of<int?>(r => r.Next(3) == 0 ? null : r.Next()),
        Of<long[]?>(r => r.Next(8) == 0 ? null : [.. Many(r, Integer)]),
        Of<string?[]>(r => [.. Many(r, Text)]),
        Of<List<int>?>(r => r.Next(8) == 0 ? null : [.. Many(r, x => x.Next())]),
        Of<HashSet<string>?>(r => r.Next(8) == 0 ? null : [.. Many(r, Text)]),
        Of(r => r.Next(8) == 0 ? default : ImmutableArray.CreateRange(Many(r, Guid))),
        Of<Dictionary<string, long>?>(
            r => r.Next(8) == 0 ? null : Many(r, Text).Distinct().ToDictionary(k => k, _ => Integer(r))),
        Of(r => Many(r, x => x.Next()).Distinct().ToImmutableDictionary(k => k, _ => Text(r))),
        Of(r => new KeyValuePair<int, string>(r.Next(), Text(r))),
        Of(r => ValueTuple.Create(r.Next())),
        Of(r => (r.Next(), Text(r))),
        Of(r => (r.Next(), Text(r), Guid(r))),
        Of(r => (1, 2, 3, r.Next())),
        Of(r => (1, 2, 3, 4, r.Next())),
        Of(r => (1, 2, 3, 4, 5, Text(r))),
        Of(r => (1, 2, 3, 4, 5, 6, Integer(r))),
        Of(r => GrainId.Create("type" + r.Next(9), "key" + r.Next())),
        Of(r => GrainType.Create("type" + r.Next(9))),
        Of(r => r.Next(4) == 0 ? default : IdSpan.Create("key" + r.Next())),
        Of<SiloAddress?>(r => r.Next(4) == 0 ? null : SiloAddress.New(
            new IPEndPoint(r.Next(2) == 0 ? IPAddress.Loopback : IPAddress.IPv6Loopback, r.Next(65536)), r.Next())),
        Of<Message?>(r => r.Next(8) == 0 ? null : Message(r)),
        Of<Answer?>(r => r.Next(3) switch
        {
            0 => null,
            1 => new Answer.Accepted { Serial = r.Next(), Receipt = Text(r) },
            _ => new Answer.Stale { Serial = r.Next(), Head = Integer(r) },
        }),
        Of(r => new Celsius(Real(r))),
        Of<object?>(r => r.Next(5) switch { 0 => null, 1 => Integer(r), 2 => Text(r), 3 => Guid(r), _ => Message(r) }),
        Of(r => new Page<string> { Items = [.. Many(r, Text)], Last = Text(r) }),
    ];

    public static Message Message(Random r) => new()
    {
        Name = Text(r),
        Size = Integer(r),
        Body = Bytes(r),
        Children = [.. Many(r, x => new Child { Key = Guid(x), Range = (x.Next(), Text(x)) })],
        Only = r.Next(2) == 0 ? null : new Child { Key = Guid(r) },
        Maybe = r.Next(2) == 0 ? null : r.Next(),
        Colour = Colour.Blue,
        Late = Text(r),
    };

    private static (Type Type, Func<Random, object?> Make) Of<T>(Func<Random, T> make) => (typeof(T), r => make(r));

    private static long Integer(Random r) => r.Next(8) switch
    {
        0 => 0,
        1 => long.MinValue,
        2 => long.MaxValue,
        3 => r.Next(-30, 30),
        _ => r.NextInt64() >> r.Next(63),
    };

    private static double Real(Random r) => r.Next(6) switch
    {
        0 => double.NaN,
        1 => double.NegativeInfinity,
        2 => -0.0,
        _ => (r.NextDouble() - 0.5) * Math.Pow(10, r.Next(-30, 30)),
    };

    private static string Text(Random r) => r.Next(6) switch
    {
        0 => string.Empty,
        1 => "päivää \U0001F512",
        2 => new string('x', r.Next(600)),
        _ => "t" + r.Next(),
    };

    private static Guid Guid(Random r) => new(Fill(r, 16));

    private static byte[] Bytes(Random r) => Fill(r, r.Next(300));

    private static byte[] Fill(Random r, int length)
    {
        var bytes = new byte[length];
        r.NextBytes(bytes);
        return bytes;
    }

    private static List<T> Many<T>(Random r, Func<Random, T> make) =>
        Enumerable.Range(0, r.Next(4) == 0 ? 1500 : r.Next(5)).Select(_ => make(r)).ToList();
}
