using System.Diagnostics;
using Sweep.Execution.Calibration;
using Sweep.Execution.Devices;
using Sweep.Execution.Prefix;
using Sweep.Execution.Running;
using Sweep.Models.Steering;

namespace Sweep.Execution.Identification;

/// <summary>Effects of many rows of interventions on the gold log-likelihood of items: one shared prefix an item, all rows packed behind it.</summary>
internal sealed class RowEffects(DevicePool pool)
{
    /// <summary>[row][item]: steered − unsteered of the same pass, nats; null where a row diverged.</summary>
    /// <param name="done">Called with the number of items after each.</param>
    public async Task<double?[][]> MeasureAsync(
        CalibratedModel model, IReadOnlyList<PreparedItem> items, IReadOnlyList<IReadOnlyList<Intervention>> rows, Action<int> done, CancellationToken cancellationToken)
    {
        var effects = rows.Select(_ => new double?[items.Count]).ToArray();
        var passes = new PassRunner(new MemoryBudget(pool.Options.MemoryBudgetBytes));
        var worker = pool.Rent(pool.Options.CalibrationDevice);
        try
        {
            foreach (var (index, item) in items.Index())
            {
                var request = new PromptRequest { PromptTokens = item.Prompt.Tokens, Continuations = item.Continuations };
                var answers = await worker.Thread.InvokeAsync(
                    token => passes.Run(
                        worker.Models.Get(model.Folder, model.Facts.WeightsHash, model.Precision).Executor,
                        model.Facts.WeightsHash,
                        model.Facts.Config,
                        [request],
                        rows,
                        new Stopwatch(),
                        token),
                    cancellationToken);
                for (var row = 0; row < rows.Count; row++)
                    effects[row][index] = Difference(Gold(item, answers.Rows[row][0]), Gold(item, answers.Beside[row][0]));
                done(index + 1);
            }
        }
        finally
        {
            await pool.ReturnAsync(worker);
        }

        return effects;
    }

    /// <summary>Mean over these items; null where one is not known.</summary>
    public static double? Mean(IReadOnlyList<double?> effects, IReadOnlyCollection<int> items)
    {
        var sum = 0.0;
        foreach (var item in items)
        {
            if (effects[item] is not { } effect)
                return null;
            sum += effect;
        }

        return items.Count == 0 ? null : sum / items.Count;
    }

    /// <summary>Of the gold among an item's choices, else of the best gold, as the ledger has it.</summary>
    private static double? Gold(PreparedItem item, RowResult answer)
    {
        var golds = ItemScorer.GoldLogLikelihoods(item, answer);
        return golds.Any(gold => gold is null) ? null : item.Item.Gold is { } gold ? golds[gold] : golds.Max();
    }

    private static double? Difference(double? steered, double? unsteered) => steered - unsteered;
}
