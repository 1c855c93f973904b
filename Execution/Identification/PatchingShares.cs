namespace Sweep.Execution.Identification;

/// <summary>Sums over pairs of what swaps took and gave, and their shares of the difference between clean and corrupted.</summary>
internal sealed class PatchingShares(int places, int columns)
{
    private readonly double[,] _lost = new double[places, columns + 1];
    private readonly double[,] _gained = new double[places, columns + 1];
    private readonly int[] _pairs = new int[columns];

    public double Clean { get; private set; }

    public double Corrupted { get; private set; }

    public void AddPair(double clean, double corrupted, IReadOnlyList<int[]> positions)
    {
        (Clean, Corrupted) = (Clean + clean, Corrupted + corrupted);
        foreach (var (column, at) in positions.Index())
            _pairs[column] += at.Length > 0 ? 1 : 0;
    }

    /// <param name="place">Of the swap.</param>
    /// <param name="column">Null: all positions.</param>
    /// <param name="lost">By the clean run.</param>
    /// <param name="gained">By the corrupted run.</param>
    public void Add(int place, int? column, double lost, double gained)
    {
        _lost[place, column ?? columns] += lost;
        _gained[place, column ?? columns] += gained;
    }

    public int PairsWith(int column) => _pairs[column];

    public double? Necessity(int place, int? column) => Share(_lost[place, column ?? columns]);

    public double? Sufficiency(int place, int? column) => Share(_gained[place, column ?? columns]);

    private double? Share(double sum) => Clean == Corrupted ? null : sum / (Clean - Corrupted);
}
