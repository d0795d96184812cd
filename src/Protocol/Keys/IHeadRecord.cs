using Vault.Protocol.Cbor;

namespace Vault.Protocol.Keys;

/// <summary>A plaintext that <see cref="HeadSealer"/> seals.</summary>
internal interface IHeadRecord
{
    void WriteTo(ref CborWriter writer);
}
