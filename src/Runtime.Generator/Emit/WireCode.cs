namespace Vault.Runtime.Generator.Emit;

/// <summary>
/// How one value is written and read: primitives by the writer itself, everything else through its codec.
/// </summary>
internal static class WireCode
{
    private static readonly Dictionary<string, (string Write, string Read)> Inline = new()
    {
        ["bool"] = ("WriteBoolean({0})", "ReadBoolean()"),
        ["byte"] = ("WriteUInt64({0})", "(byte){0}.ReadInt64(byte.MinValue, byte.MaxValue)"),
        ["sbyte"] = ("WriteInt64({0})", "(sbyte){0}.ReadInt64(sbyte.MinValue, sbyte.MaxValue)"),
        ["short"] = ("WriteInt64({0})", "(short){0}.ReadInt64(short.MinValue, short.MaxValue)"),
        ["ushort"] = ("WriteUInt64({0})", "(ushort){0}.ReadInt64(ushort.MinValue, ushort.MaxValue)"),
        ["int"] = ("WriteInt64({0})", "ReadInt32()"),
        ["uint"] = ("WriteUInt64({0})", "(uint){0}.ReadInt64(uint.MinValue, uint.MaxValue)"),
        ["long"] = ("WriteInt64({0})", "ReadInt64()"),
        ["ulong"] = ("WriteUInt64({0})", "ReadUInt64()"),
        ["double"] = ("WriteDouble({0})", "ReadDouble()"),
        ["string"] = ("WriteText({0})", "ReadText()"),
    };

    public static bool NeedsCodec(string type) => !Inline.ContainsKey(type);

    public static string Write(string type, string codec, string value) => Inline.TryGetValue(type, out var inline)
        ? $"writer.{string.Format(System.Globalization.CultureInfo.InvariantCulture, inline.Write, value)};"
        : $"{codec}.Write(ref writer, {value});";

    public static string Read(string type, string codec)
    {
        if (!Inline.TryGetValue(type, out var inline))
        {
            return $"{codec}.Read(ref reader)";
        }

        return inline.Read[0] == '(' ? inline.Read.Replace("{0}", "reader") : "reader." + inline.Read;
    }
}
