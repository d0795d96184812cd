namespace Vault.Protocol.Cbor;

/// <summary>The major types that our formats use.</summary>
internal static class CborMajor
{
    internal const int UInt = 0;
    internal const int Bytes = 2;
    internal const int Text = 3;
    internal const int Array = 4;
    internal const int Map = 5;
}
