namespace Sweep.Evaluation.Metrics;

/// <summary>The one-to-one assignment of rows to columns with the greatest total (Hungarian method with potentials, O(n²m)).</summary>
internal static class Assignment
{
    public static double BestTotal(double[,] scores)
    {
        var (rows, columns) = (scores.GetLength(0), scores.GetLength(1));
        if (rows == 0 || columns == 0)
            return 0;
        if (rows > columns)
        {
            var turned = new double[columns, rows];
            for (var r = 0; r < rows; r++)
            {
                for (var c = 0; c < columns; c++)
                    turned[c, r] = scores[r, c];
            }

            return BestTotal(turned);
        }

        // Costs are negated scores; index 0 stands for "unassigned".
        var u = new double[rows + 1];
        var v = new double[columns + 1];
        var rowOf = new int[columns + 1];
        for (var row = 1; row <= rows; row++)
        {
            var from = new int[columns + 1];
            var least = new double[columns + 1];
            Array.Fill(least, double.PositiveInfinity);
            var used = new bool[columns + 1];
            var column = 0;
            rowOf[0] = row;
            do
            {
                used[column] = true;
                var (delta, next) = (double.PositiveInfinity, 0);
                for (var c = 1; c <= columns; c++)
                {
                    if (used[c])
                        continue;
                    var reduced = -scores[rowOf[column] - 1, c - 1] - u[rowOf[column]] - v[c];
                    if (reduced < least[c])
                        (least[c], from[c]) = (reduced, column);
                    if (least[c] < delta)
                        (delta, next) = (least[c], c);
                }

                for (var c = 0; c <= columns; c++)
                {
                    if (used[c])
                    {
                        u[rowOf[c]] += delta;
                        v[c] -= delta;
                    }
                    else
                    {
                        least[c] -= delta;
                    }
                }

                column = next;
            }
            while (rowOf[column] != 0);
            do
            {
                rowOf[column] = rowOf[from[column]];
                column = from[column];
            }
            while (column != 0);
        }

        var total = 0.0;
        for (var c = 1; c <= columns; c++)
        {
            if (rowOf[c] != 0)
                total += scores[rowOf[c] - 1, c - 1];
        }

        return total;
    }
}
