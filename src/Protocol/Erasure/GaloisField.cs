namespace Vault.Protocol.Erasure;

/// <summary>GF(2^8) with polynomial 0x11D and generator 2.</summary>
internal static class GaloisField
{
    private const int Polynomial = 0x11D;
    private const int Order = 255;

    private static readonly byte[] Exponentials = MakeExponentials();
    private static readonly byte[] Logarithms = MakeLogarithms();

    internal static byte Multiply(byte a, byte b) =>
        a == 0 || b == 0 ? (byte)0 : Exponentials[(Logarithms[a] + Logarithms[b]) % Order];

    /// <summary>a ÷ b; b is not 0.</summary>
    internal static byte Divide(byte a, byte b)
    {
        ArgumentOutOfRangeException.ThrowIfZero(b);
        return a == 0 ? (byte)0 : Exponentials[(Logarithms[a] - Logarithms[b] + Order) % Order];
    }

    /// <summary>a to the power of n, with 0^0 = 1.</summary>
    internal static byte Power(byte a, int n) => (a, n) switch
    {
        (_, 0) => 1,
        (0, _) => 0,
        _ => Exponentials[Logarithms[a] * n % Order],
    };

    private static byte[] MakeExponentials()
    {
        var table = new byte[Order];
        for (var (value, i) = (1, 0); i < Order; i++)
        {
            table[i] = (byte)value;
            value <<= 1;
            value ^= (value >> 8) * Polynomial;
        }

        return table;
    }

    private static byte[] MakeLogarithms()
    {
        var table = new byte[Order + 1];
        for (var i = 0; i < Order; i++)
        {
            table[Exponentials[i]] = (byte)i;
        }

        return table;
    }
}
