namespace Vault.Runtime.Serialization;

/// <summary>Major types, already shifted into the top three bits, and the length markers of the low five.</summary>
internal static class CborMajor
{
    public const byte Unsigned = 0 << 5;
    public const byte Negative = 1 << 5;
    public const byte Bytes = 2 << 5;
    public const byte Text = 3 << 5;
    public const byte Array = 4 << 5;
    public const byte Map = 5 << 5;
    public const byte Tag = 6 << 5;
    public const byte Simple = 7 << 5;

    public const byte Mask = 0xE0;
    public const byte ArgumentMask = 0x1F;
    public const byte OneByte = 24;
    public const byte TwoBytes = 25;
    public const byte FourBytes = 26;
    public const byte EightBytes = 27;
}

/// <summary>Whole first bytes of major type 7.</summary>
internal static class CborSimple
{
    public const byte False = 0xF4;
    public const byte True = 0xF5;
    public const byte Null = 0xF6;
    public const byte Undefined = 0xF7;
    public const byte Half = 0xF9;
    public const byte Single = 0xFA;
    public const byte Double = 0xFB;
}
