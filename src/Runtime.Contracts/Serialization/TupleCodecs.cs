namespace Vault.Runtime.Serialization;

// A tuple is an array of its items.

internal sealed class ValueTupleCodec<T1> : Codec<ValueTuple<T1>>
{
    private Codec<T1> _item1 = null!;

    public override bool IsImmutable => _item1.IsImmutable;

    public override void Bind(CodecProvider codecs)
    {
        _item1 = codecs.Get<T1>();
    }

    public override void Write(ref CborWriter writer, ValueTuple<T1> value)
    {
        writer.BeginArray(1);
        _item1.Write(ref writer, value.Item1);
        writer.End();
    }

    public override ValueTuple<T1> Read(ref CborReader reader)
    {
        reader.BeginArray(1);
        var result = new ValueTuple<T1>(
            _item1.Read(ref reader));
        reader.End();
        return result;
    }

    public override ValueTuple<T1> Copy(ValueTuple<T1> value) => new(
        _item1.Copy(value.Item1));
}

internal sealed class ValueTupleCodec<T1, T2> : Codec<ValueTuple<T1, T2>>
{
    private Codec<T1> _item1 = null!;
    private Codec<T2> _item2 = null!;

    public override bool IsImmutable => _item1.IsImmutable && _item2.IsImmutable;

    public override void Bind(CodecProvider codecs)
    {
        _item1 = codecs.Get<T1>();
        _item2 = codecs.Get<T2>();
    }

    public override void Write(ref CborWriter writer, ValueTuple<T1, T2> value)
    {
        writer.BeginArray(2);
        _item1.Write(ref writer, value.Item1);
        _item2.Write(ref writer, value.Item2);
        writer.End();
    }

    public override ValueTuple<T1, T2> Read(ref CborReader reader)
    {
        reader.BeginArray(2);
        var result = new ValueTuple<T1, T2>(
            _item1.Read(ref reader),
            _item2.Read(ref reader));
        reader.End();
        return result;
    }

    public override ValueTuple<T1, T2> Copy(ValueTuple<T1, T2> value) => new(
        _item1.Copy(value.Item1),
        _item2.Copy(value.Item2));
}

internal sealed class ValueTupleCodec<T1, T2, T3> : Codec<ValueTuple<T1, T2, T3>>
{
    private Codec<T1> _item1 = null!;
    private Codec<T2> _item2 = null!;
    private Codec<T3> _item3 = null!;

    public override bool IsImmutable => _item1.IsImmutable && _item2.IsImmutable && _item3.IsImmutable;

    public override void Bind(CodecProvider codecs)
    {
        _item1 = codecs.Get<T1>();
        _item2 = codecs.Get<T2>();
        _item3 = codecs.Get<T3>();
    }

    public override void Write(ref CborWriter writer, ValueTuple<T1, T2, T3> value)
    {
        writer.BeginArray(3);
        _item1.Write(ref writer, value.Item1);
        _item2.Write(ref writer, value.Item2);
        _item3.Write(ref writer, value.Item3);
        writer.End();
    }

    public override ValueTuple<T1, T2, T3> Read(ref CborReader reader)
    {
        reader.BeginArray(3);
        var result = new ValueTuple<T1, T2, T3>(
            _item1.Read(ref reader),
            _item2.Read(ref reader),
            _item3.Read(ref reader));
        reader.End();
        return result;
    }

    public override ValueTuple<T1, T2, T3> Copy(ValueTuple<T1, T2, T3> value) => new(
        _item1.Copy(value.Item1),
        _item2.Copy(value.Item2),
        _item3.Copy(value.Item3));
}

internal sealed class ValueTupleCodec<T1, T2, T3, T4> : Codec<ValueTuple<T1, T2, T3, T4>>
{
    private Codec<T1> _item1 = null!;
    private Codec<T2> _item2 = null!;
    private Codec<T3> _item3 = null!;
    private Codec<T4> _item4 = null!;

    public override bool IsImmutable =>
        _item1.IsImmutable && _item2.IsImmutable && _item3.IsImmutable && _item4.IsImmutable;

    public override void Bind(CodecProvider codecs)
    {
        _item1 = codecs.Get<T1>();
        _item2 = codecs.Get<T2>();
        _item3 = codecs.Get<T3>();
        _item4 = codecs.Get<T4>();
    }

    public override void Write(ref CborWriter writer, ValueTuple<T1, T2, T3, T4> value)
    {
        writer.BeginArray(4);
        _item1.Write(ref writer, value.Item1);
        _item2.Write(ref writer, value.Item2);
        _item3.Write(ref writer, value.Item3);
        _item4.Write(ref writer, value.Item4);
        writer.End();
    }

    public override ValueTuple<T1, T2, T3, T4> Read(ref CborReader reader)
    {
        reader.BeginArray(4);
        var result = new ValueTuple<T1, T2, T3, T4>(
            _item1.Read(ref reader),
            _item2.Read(ref reader),
            _item3.Read(ref reader),
            _item4.Read(ref reader));
        reader.End();
        return result;
    }

    public override ValueTuple<T1, T2, T3, T4> Copy(ValueTuple<T1, T2, T3, T4> value) => new(
        _item1.Copy(value.Item1),
        _item2.Copy(value.Item2),
        _item3.Copy(value.Item3),
        _item4.Copy(value.Item4));
}

internal sealed class ValueTupleCodec<T1, T2, T3, T4, T5> : Codec<ValueTuple<T1, T2, T3, T4, T5>>
{
    private Codec<T1> _item1 = null!;
    private Codec<T2> _item2 = null!;
    private Codec<T3> _item3 = null!;
    private Codec<T4> _item4 = null!;
    private Codec<T5> _item5 = null!;

    public override bool IsImmutable =>
        _item1.IsImmutable && _item2.IsImmutable && _item3.IsImmutable && _item4.IsImmutable && _item5.IsImmutable;

    public override void Bind(CodecProvider codecs)
    {
        _item1 = codecs.Get<T1>();
        _item2 = codecs.Get<T2>();
        _item3 = codecs.Get<T3>();
        _item4 = codecs.Get<T4>();
        _item5 = codecs.Get<T5>();
    }

    public override void Write(ref CborWriter writer, ValueTuple<T1, T2, T3, T4, T5> value)
    {
        writer.BeginArray(5);
        _item1.Write(ref writer, value.Item1);
        _item2.Write(ref writer, value.Item2);
        _item3.Write(ref writer, value.Item3);
        _item4.Write(ref writer, value.Item4);
        _item5.Write(ref writer, value.Item5);
        writer.End();
    }

    public override ValueTuple<T1, T2, T3, T4, T5> Read(ref CborReader reader)
    {
        reader.BeginArray(5);
        var result = new ValueTuple<T1, T2, T3, T4, T5>(
            _item1.Read(ref reader),
            _item2.Read(ref reader),
            _item3.Read(ref reader),
            _item4.Read(ref reader),
            _item5.Read(ref reader));
        reader.End();
        return result;
    }

    public override ValueTuple<T1, T2, T3, T4, T5> Copy(ValueTuple<T1, T2, T3, T4, T5> value) => new(
        _item1.Copy(value.Item1),
        _item2.Copy(value.Item2),
        _item3.Copy(value.Item3),
        _item4.Copy(value.Item4),
        _item5.Copy(value.Item5));
}

internal sealed class ValueTupleCodec<T1, T2, T3, T4, T5, T6> : Codec<ValueTuple<T1, T2, T3, T4, T5, T6>>
{
    private Codec<T1> _item1 = null!;
    private Codec<T2> _item2 = null!;
    private Codec<T3> _item3 = null!;
    private Codec<T4> _item4 = null!;
    private Codec<T5> _item5 = null!;
    private Codec<T6> _item6 = null!;

    public override bool IsImmutable => _item1.IsImmutable && _item2.IsImmutable && _item3.IsImmutable
        && _item4.IsImmutable && _item5.IsImmutable && _item6.IsImmutable;

    public override void Bind(CodecProvider codecs)
    {
        _item1 = codecs.Get<T1>();
        _item2 = codecs.Get<T2>();
        _item3 = codecs.Get<T3>();
        _item4 = codecs.Get<T4>();
        _item5 = codecs.Get<T5>();
        _item6 = codecs.Get<T6>();
    }

    public override void Write(ref CborWriter writer, ValueTuple<T1, T2, T3, T4, T5, T6> value)
    {
        writer.BeginArray(6);
        _item1.Write(ref writer, value.Item1);
        _item2.Write(ref writer, value.Item2);
        _item3.Write(ref writer, value.Item3);
        _item4.Write(ref writer, value.Item4);
        _item5.Write(ref writer, value.Item5);
        _item6.Write(ref writer, value.Item6);
        writer.End();
    }

    public override ValueTuple<T1, T2, T3, T4, T5, T6> Read(ref CborReader reader)
    {
        reader.BeginArray(6);
        var result = new ValueTuple<T1, T2, T3, T4, T5, T6>(
            _item1.Read(ref reader),
            _item2.Read(ref reader),
            _item3.Read(ref reader),
            _item4.Read(ref reader),
            _item5.Read(ref reader),
            _item6.Read(ref reader));
        reader.End();
        return result;
    }

    public override ValueTuple<T1, T2, T3, T4, T5, T6> Copy(ValueTuple<T1, T2, T3, T4, T5, T6> value) => new(
        _item1.Copy(value.Item1),
        _item2.Copy(value.Item2),
        _item3.Copy(value.Item3),
        _item4.Copy(value.Item4),
        _item5.Copy(value.Item5),
        _item6.Copy(value.Item6));
}

internal sealed class ValueTupleCodec<T1, T2, T3, T4, T5, T6, T7> : Codec<ValueTuple<T1, T2, T3, T4, T5, T6, T7>>
{
    private Codec<T1> _item1 = null!;
    private Codec<T2> _item2 = null!;
    private Codec<T3> _item3 = null!;
    private Codec<T4> _item4 = null!;
    private Codec<T5> _item5 = null!;
    private Codec<T6> _item6 = null!;
    private Codec<T7> _item7 = null!;

    public override bool IsImmutable => _item1.IsImmutable && _item2.IsImmutable && _item3.IsImmutable
        && _item4.IsImmutable && _item5.IsImmutable && _item6.IsImmutable && _item7.IsImmutable;

    public override void Bind(CodecProvider codecs)
    {
        _item1 = codecs.Get<T1>();
        _item2 = codecs.Get<T2>();
        _item3 = codecs.Get<T3>();
        _item4 = codecs.Get<T4>();
        _item5 = codecs.Get<T5>();
        _item6 = codecs.Get<T6>();
        _item7 = codecs.Get<T7>();
    }

    public override void Write(ref CborWriter writer, ValueTuple<T1, T2, T3, T4, T5, T6, T7> value)
    {
        writer.BeginArray(7);
        _item1.Write(ref writer, value.Item1);
        _item2.Write(ref writer, value.Item2);
        _item3.Write(ref writer, value.Item3);
        _item4.Write(ref writer, value.Item4);
        _item5.Write(ref writer, value.Item5);
        _item6.Write(ref writer, value.Item6);
        _item7.Write(ref writer, value.Item7);
        writer.End();
    }

    public override ValueTuple<T1, T2, T3, T4, T5, T6, T7> Read(ref CborReader reader)
    {
        reader.BeginArray(7);
        var result = new ValueTuple<T1, T2, T3, T4, T5, T6, T7>(
            _item1.Read(ref reader),
            _item2.Read(ref reader),
            _item3.Read(ref reader),
            _item4.Read(ref reader),
            _item5.Read(ref reader),
            _item6.Read(ref reader),
            _item7.Read(ref reader));
        reader.End();
        return result;
    }

    public override ValueTuple<T1, T2, T3, T4, T5, T6, T7> Copy(ValueTuple<T1, T2, T3, T4, T5, T6, T7> value) => new(
        _item1.Copy(value.Item1),
        _item2.Copy(value.Item2),
        _item3.Copy(value.Item3),
        _item4.Copy(value.Item4),
        _item5.Copy(value.Item5),
        _item6.Copy(value.Item6),
        _item7.Copy(value.Item7));
}
