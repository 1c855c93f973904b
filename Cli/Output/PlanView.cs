using System.Globalization;
using Sweep.Contracts.Plans;
using Sweep.Execution.Planning;
using Sweep.Execution.Planning.Search;
using Sweep.Grains.Dispatch;
using Sweep.Persistence.Reports;

namespace Sweep.Cli.Output;

/// <summary>What a plan comes to, in some two dozen lines.</summary>
internal static class PlanView
{
    public static void Print(SweepPlan plan, ResolvedPlan resolved, WorkloadEstimate estimate, PlanPower power, double speed, StageEstimate? impacts, PlannedSearch? search, IReadOnlyList<StageEstimate> stages)
    {
        Line("sweep", SweepIds.Of(plan));
        foreach (var model in resolved.Models)
        {
            Line("model", $"{model.Name}: {model.ModelType}, {model.Layers} layers, d_model {model.DModel}, {model.Parameters:N0} parameters");
            foreach (var note in model.Notes ?? [])
                Line("note", $"{model.Name}: {note}");
        }

        foreach (var benchmark in resolved.Benchmarks)
        {
            var splits = string.Join(", ", benchmark.Items.GroupBy(item => item.Split).OrderBy(group => group.Key).Select(group => $"{group.Count()} {group.Key.ToString().ToLowerInvariant()}"));
            if (benchmark.Items.Max(item => item.Fold) is { } last)
                splits = $"cross-fitted in {last + 1} folds";
            Line("benchmark", $"{benchmark.Name}: {benchmark.Items.Count} items ({splits}), {string.Join(" + ", benchmark.Measures)}");
        }

        foreach (var bottleneck in resolved.Bottlenecks.Where(bottleneck => bottleneck.Role == BottleneckRole.Bottleneck))
        {
            var controls = resolved.Bottlenecks.Where(other => other.Role == BottleneckRole.Control && other.Model == bottleneck.Model && other.Name == bottleneck.Name);
            var places = string.Join(" + ", bottleneck.Interventions.Select(part => $"layer {part.Layer} {part.Site} ({part.Channels.Count} channels)"));
            Line("bottleneck", $"{resolved.Models[bottleneck.Model].Name}: {bottleneck.Name}: {places}, {bottleneck.Recipe}, {bottleneck.Scalars.Count} scalars, {ControlNames.Counted(controls)}");
        }

        if (plan.Controls == ControlsPlan.Usual(calibrated: false))
            Line("controls", "no calibration text: none matched in norm or variance, none of equal norm");
        if (power.Ranks is { } ranks)
            Line("ranks", Ranks(ranks));

        PrintPower(power);
        if (impacts is not null)
        {
            Line("impacts", $"{impacts.Sweep}, before all else: every channel that a recipe over items ranks is changed alone, on at most {(plan.Identify ?? new IdentifyPlan()).Items} selection items a benchmark");
            PrintWork(impacts.Work, speed);
            Line("then", SweepIds.Of(plan));
        }

        if (search is not null)
        {
            Line("search", SearchNote.Of(search.Record, atMost: true));
            foreach (var (number, stage) in stages.Index())
            {
                Line($"stage {number + 1}", stage.Sweep + (search.Record.Rounds is { } rounds ? $": {SearchNote.Of(rounds[number])}" : ""));
                PrintWork(stage.Work, speed);
            }

            Line($"stage {stages.Count + 1}", "at most, if every benchmark chooses another scalar of each set:");
        }

        PrintWork(estimate, speed);
    }

    private static void PrintWork(WorkloadEstimate estimate, double speed)
    {
        Line("jobs", $"{estimate.Jobs:N0} in {estimate.Batches:N0} batches, {estimate.MicroBatches:N0} micro-batches");
        Line("item rows", $"{estimate.Rows:N0} to run{(estimate.RowsRecorded > 0 ? $", {estimate.RowsRecorded:N0} recorded already" : "")}");
        if (estimate.Rows == 0)
            return;
        Line("work", string.Create(CultureInfo.InvariantCulture, $"{estimate.MultiplyAdds:0.00e0} multiply-adds instead of {estimate.MultiplyAddsAlone:0.00e0}: shared prefixes save {estimate.SavedShare:P0}"));
        Line("time", string.Create(CultureInfo.InvariantCulture, $"{estimate.Seconds:N0} s on one device, if that does {speed:0e0} multiply-adds a second"));
    }

    private static string Ranks(RankPower ranks)
    {
        var (sets, bottlenecks, smallest) = (ranks.NullSweeps, ranks.Bottlenecks, ranks.SmallestP);
        return sets > 0
            ? string.Create(CultureInfo.InvariantCulture, $"smallest attainable corrected p {smallest:0.000} from {sets} null sweeps{(ranks.RankOnly > 0 ? $"; {ranks.RankOnly} of {bottlenecks} bottlenecks have too few random controls: rank only" : "")}")
            : string.Create(CultureInfo.InvariantCulture, $"rank only: the smallest attainable corrected p is {smallest:0.000}, and 0.05 takes {ranks.Fewest} random controls");
    }

    private static void PrintPower(PlanPower power)
    {
        foreach (var needed in power.Needed)
            Line("power", string.Create(CultureInfo.InvariantCulture, $"80 % at two-sided 5 % for {100 * needed.Effect:0.#} points at discordance {needed.Discordance:P0}: {needed.Asymptotic:N0} items asymptotically, {needed.Exact:N0} by the exact test"));
        foreach (var benchmark in power.Benchmarks)
        {
            var effects = string.Join(", ", benchmark.Effects.Select(one => string.Create(CultureInfo.InvariantCulture, $"{Points(one.Effect)} at discordance {one.Discordance:P0}")));
            Line("detectable", $"{benchmark.Name}, {benchmark.Items:N0} test items in {benchmark.Groups:N0} groups: {effects}, {Points(benchmark.LeastEffect)} if nothing gets worse");
        }

        static string Points(double? effect) => effect is { } found ? string.Create(CultureInfo.InvariantCulture, $"{100 * found:0.0} points") : "no effect";
    }

    private static void Line(string name, string text) => Console.WriteLine($"{name,-12} {text}");
}
