using Sweep.Contracts.Results;
using Sweep.Contracts.Store;

namespace Sweep.Cli.Output;

/// <summary>Prints a sweep's answer: the table and the heat maps, or JSON.</summary>
internal static class SummaryPrinter
{
    public static async Task PrintAsync(ISweepStore store, SweepSummary summary, bool json)
    {
        if (json)
        {
            Console.Out.WriteLine(SummaryJson.Of(summary));
            return;
        }

        ResultTable.Print(Terminal.Output, summary);
        HeatMap.Print(Terminal.Output, summary);
        var cost = await store.ReadCostAsync(summary.SweepId, CancellationToken.None);
        Console.Out.WriteLine(FormattableString.Invariant($"{summary.SweepId}: {cost.Rows:N0} items, {cost.Tokens:N0} tokens, {cost.DeviceSeconds:0.0} device-seconds"));
    }
}
