using System.Formats.Cbor;

namespace Vault.Protocol.Keys;

/// <summary>A plaintext that <see cref="HeadSealer"/> seals.</summary>
internal interface IHeadRecord
{
    /// <summary>No encoding is longer.</summary>
    int MaxBytes { get; }

    void WriteTo(CborWriter writer);
}
