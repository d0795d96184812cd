namespace Vault.Protocol.Erasure;

/// <summary>A matrix over <see cref="GaloisField"/>, row by row.</summary>
internal sealed class GaloisMatrix(int rows, int columns)
{
    private readonly byte[] _cells = new byte[rows * columns];

    internal int Rows { get; } = rows;

    internal int Columns { get; } = columns;

    internal Span<byte> this[int row] => _cells.AsSpan(row * Columns, Columns);

    /// <summary>The systematic code matrix: i^j, times the inverse of its top square.</summary>
    internal static GaloisMatrix Systematic(int dataShards, int parityShards)
    {
        var vandermonde = new GaloisMatrix(dataShards + parityShards, dataShards);
        for (var row = 0; row < vandermonde.Rows; row++)
        {
            for (var column = 0; column < dataShards; column++)
            {
                vandermonde[row][column] = GaloisField.Power((byte)row, column);
            }
        }

        var top = vandermonde.SelectRows(Enumerable.Range(0, dataShards).ToArray());
        return vandermonde.Times(top.Inverse());
    }

    internal GaloisMatrix SelectRows(ReadOnlySpan<int> rows)
    {
        var selected = new GaloisMatrix(rows.Length, Columns);
        for (var row = 0; row < rows.Length; row++)
        {
            this[rows[row]].CopyTo(selected[row]);
        }

        return selected;
    }

    internal GaloisMatrix Times(GaloisMatrix right)
    {
        var product = new GaloisMatrix(Rows, right.Columns);
        for (var row = 0; row < Rows; row++)
        {
            for (var inner = 0; inner < Columns; inner++)
            {
                AddScaled(product[row], right[inner], this[row][inner]);
            }
        }

        return product;
    }

    /// <summary>Gauss–Jordan; every square of k rows of the code matrix has an inverse.</summary>
    internal GaloisMatrix Inverse()
    {
        var work = new GaloisMatrix(Rows, 2 * Columns);
        for (var row = 0; row < Rows; row++)
        {
            this[row].CopyTo(work[row]);
            work[row][Columns + row] = 1;
        }

        for (var column = 0; column < Columns; column++)
        {
            work.MakePivot(column);
            for (var row = 0; row < Rows; row++)
            {
                if (row != column)
                {
                    AddScaled(work[row], work[column], work[row][column]);
                }
            }
        }

        var inverse = new GaloisMatrix(Rows, Columns);
        for (var row = 0; row < Rows; row++)
        {
            work[row][Columns..].CopyTo(inverse[row]);
        }

        return inverse;
    }

    private void MakePivot(int column)
    {
        var pivot = column;
        while (this[pivot][column] == 0)
        {
            pivot++;
        }

        if (pivot != column)
        {
            AddScaled(this[column], this[pivot], 1);
        }

        var scale = GaloisField.Divide(1, this[column][column]);
        foreach (ref var cell in this[column])
        {
            cell = GaloisField.Multiply(cell, scale);
        }
    }

    private static void AddScaled(Span<byte> target, ReadOnlySpan<byte> source, byte scale)
    {
        for (var i = 0; i < target.Length; i++)
        {
            target[i] ^= GaloisField.Multiply(source[i], scale);
        }
    }
}
