namespace Vault.Runtime.Serialization;

/// <summary>A <see cref="DateTime"/> is one integer: ticks in the low 62 bits, its kind above.</summary>
internal sealed class DateTimeCodec : ImmutableCodec<DateTime>
{
    private const int KindShift = 62;

    public override void Write(ref CborWriter writer, DateTime value) =>
        writer.WriteUInt64((ulong)value.Ticks | ((ulong)value.Kind << KindShift));

    public override DateTime Read(ref CborReader reader)
    {
        var value = reader.ReadUInt64();
        var kind = value >> KindShift;
        var ticks = value & ((1UL << KindShift) - 1);
        if (kind > (ulong)DateTimeKind.Local || ticks > (ulong)DateTime.MaxValue.Ticks)
        {
            reader.Throw("a time is out of range");
        }

        return new DateTime((long)ticks, (DateTimeKind)kind);
    }
}

/// <summary>A <see cref="DateTimeOffset"/> is an array of its local ticks and its offset in minutes.</summary>
internal sealed class DateTimeOffsetCodec : ImmutableCodec<DateTimeOffset>
{
    private const int MaxOffsetMinutes = 14 * 60;

    public override void Write(ref CborWriter writer, DateTimeOffset value)
    {
        writer.BeginArray(2);
        writer.WriteInt64(value.Ticks);
        writer.WriteInt64(value.TotalOffsetMinutes);
        writer.End();
    }

    public override DateTimeOffset Read(ref CborReader reader)
    {
        reader.BeginArray(2);
        var ticks = reader.ReadInt64(0, DateTime.MaxValue.Ticks);
        var offset = TimeSpan.FromMinutes(reader.ReadInt64(-MaxOffsetMinutes, MaxOffsetMinutes));
        reader.End();
        if (ticks - offset.Ticks is var utc && (utc < 0 || utc > DateTime.MaxValue.Ticks))
        {
            reader.Throw("a time is out of range");
        }

        return new DateTimeOffset(ticks, offset);
    }
}

internal sealed class TimeSpanCodec : ImmutableCodec<TimeSpan>
{
    public override void Write(ref CborWriter writer, TimeSpan value) => writer.WriteInt64(value.Ticks);

    public override TimeSpan Read(ref CborReader reader) => new(reader.ReadInt64());
}

internal sealed class DateOnlyCodec : ImmutableCodec<DateOnly>
{
    public override void Write(ref CborWriter writer, DateOnly value) => writer.WriteInt64(value.DayNumber);

    public override DateOnly Read(ref CborReader reader) =>
        DateOnly.FromDayNumber((int)reader.ReadInt64(0, DateOnly.MaxValue.DayNumber));
}

internal sealed class TimeOnlyCodec : ImmutableCodec<TimeOnly>
{
    public override void Write(ref CborWriter writer, TimeOnly value) => writer.WriteInt64(value.Ticks);

    public override TimeOnly Read(ref CborReader reader) => new(reader.ReadInt64(0, TimeOnly.MaxValue.Ticks));
}
