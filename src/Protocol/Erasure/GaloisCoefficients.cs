namespace Vault.Protocol.Erasure;

/// <summary>A matrix of coefficients in the forms that the kernels want them.</summary>
internal sealed class GaloisCoefficients
{
    /// <summary>Bytes of the two shuffle tables of one coefficient.</summary>
    internal const int NibbleTableSize = 32;

    internal GaloisCoefficients(GaloisMatrix matrix)
    {
        Rows = matrix.Rows;
        Columns = matrix.Columns;
        BitMatrices = new ulong[Rows * Columns];
        NibbleTables = new byte[Rows * Columns * NibbleTableSize];
        for (var row = 0; row < Rows; row++)
        {
            for (var column = 0; column < Columns; column++)
            {
                var at = row * Columns + column;
                BitMatrices[at] = BitMatrix(matrix[row][column]);
                var tables = NibbleTables.AsSpan(at * NibbleTableSize, NibbleTableSize);
                for (var nibble = 0; nibble < 16; nibble++)
                {
                    tables[nibble] = GaloisField.Multiply(matrix[row][column], (byte)nibble);
                    tables[16 + nibble] = GaloisField.Multiply(matrix[row][column], (byte)(nibble << 4));
                }
            }
        }
    }

    internal int Rows { get; }

    internal int Columns { get; }

    /// <summary>For the affine instruction of GFNI: works for any polynomial.</summary>
    internal ulong[] BitMatrices { get; }

    /// <summary>Products of the low nibble, then of the high nibble.</summary>
    internal byte[] NibbleTables { get; }

    /// <summary>Byte 7-i selects the input bits that make output bit i.</summary>
    private static ulong BitMatrix(byte coefficient)
    {
        ulong matrix = 0;
        for (var input = 0; input < 8; input++)
        {
            var product = GaloisField.Multiply(coefficient, (byte)(1 << input));
            for (var output = 0; output < 8; output++)
            {
                matrix |= (ulong)((product >> output) & 1) << (8 * (7 - output) + input);
            }
        }

        return matrix;
    }
}
