using Sweep.Contracts.Jobs;
using Sweep.Contracts.Plans;

namespace Sweep.Grains.Dispatch;

/// <summary>Estimated multiply-adds, in the blocks, of one item under the rows of one fork. The head and the scan's exponentials are left out.</summary>
internal sealed class WorkCost(ResolvedModel model, ResolvedBenchmark benchmark, int modelIndex, ForkPoint fork)
{
    private readonly double _block = (double)model.BlockMultiplyAdds * model.Layers;
    private readonly double _upper = fork.RecomputedMultiplyAdds(model);

    /// <summary>Tokens of the pass over prompt and gold, the same for every row.</summary>
    public int Prefill(ResolvedItem item) =>
        item.PromptTokens[modelIndex] + (benchmark.Measures.Contains(Measure.LogLikelihood) ? item.GoldTokens[modelIndex] : 0);

    /// <summary>Of the shared pass: the whole depth once, which is also the baseline's row.</summary>
    public double Shared(ResolvedItem item) => Prefill(item) * _block;

    /// <summary>
    /// Of rows beside it: the layers above the fork over the prefill, and the whole depth over every generated token, because rows emit different ones.
    /// </summary>
    public double Rows(ResolvedItem item, RowCounts rows) => Rows(Prefill(item), 1, rows);

    /// <summary>The same over several items with so many prefill tokens in all.</summary>
    public double Rows(long prefill, int items, RowCounts rows) => rows.Steered * (prefill * _upper) + (double)rows.Generating * items * (NewTokens * _block);

    /// <summary>Of a row's jobs run by themselves, one after the other.</summary>
    public double Alone(ResolvedItem item, SectionRow row)
    {
        var tokens = 0L;
        foreach (var measure in row.Measures)
        {
            tokens += item.PromptTokens[modelIndex] + measure switch
            {
                Measure.LogLikelihood => item.GoldTokens[modelIndex],
                Measure.Generation => NewTokens,
                _ => 0,
            };
        }

        return tokens * _block;
    }

    private int NewTokens => benchmark.MaxNewTokens ?? 0;
}

/// <summary>What the cost of rows hangs on.</summary>
internal readonly record struct RowCounts(int All, int Steered, int Generating)
{
    public static RowCounts Of(ReadOnlySpan<SectionRow> rows)
    {
        int all = 0, steered = 0, generating = 0;
        foreach (var row in rows)
        {
            all++;
            steered += row.Fork == ForkPoint.None ? 0 : 1;
            generating += row.Measures.Contains(Measure.Generation) ? 1 : 0;
        }

        return new RowCounts(all, steered, generating);
    }
}
