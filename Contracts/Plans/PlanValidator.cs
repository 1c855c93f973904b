namespace Sweep.Contracts.Plans;

/// <summary>
/// Checks everything that can be known of a plan without touching a file: words, ranges, names, exactly one recipe. What depends on the files
/// (widths, number of layers, items) is the resolver's to check.
/// </summary>
public static class PlanValidator
{
    internal const int LongestName = 80;
    internal const int MostScalars = 10_000;

    private const int MostControls = 10_000;
    private const int MostTokens = 10_000_000;
    private const int HighestPriority = 1_000_000;
    private const double LargestWeight = 1e9;

    /// <summary>Every problem; empty for a valid plan.</summary>
    public static IReadOnlyList<PlanProblem> Validate(SweepPlan plan)
    {
        var problems = new List<PlanProblem>();
        Name(plan.Name, "name", problems);
        Models(plan.Models, problems);
        Benchmarks(plan, problems);
        Measures(plan, problems);
        BottleneckRules.Check(plan, problems);
        var check = new PlanChecks(problems);
        Controls(plan, problems);
        if (plan.Calibration is { } calibration)
        {
            check.NotBlank(calibration.Data, "calibration.data", "a text file");
            check.NotBlank(calibration.Half ?? "all", "calibration.half", "text");
            check.Between(calibration.Documents, 1, MostTokens, "calibration.documents");
            check.Between(calibration.MaxTokens, 1, MostTokens, "calibration.max_tokens");
        }

        Split(plan.Split, "split", problems);
        SearchRules.Check(plan, problems);
        if (plan.SmallestEffect is { } smallest)
            SmallestEffect(smallest, "smallest_effect", problems);
        HypothesisRules.Check(plan, problems);
        check.Between(plan.ContextLimit, 1, MostTokens, "context_limit");
        check.Word(plan.Precision, PlanWords.Precisions, "precision");
        check.Name(plan.Owner, "owner");
        check.Between(plan.Priority, -HighestPriority, HighestPriority, "priority");
        check.Positive(plan.Weight, LargestWeight, "weight");
        check.Between(plan.Budget.Jobs, 1, int.MaxValue, "budget.jobs");
        if (plan.Budget.DeviceSeconds is { } seconds)
            check.Positive(seconds, double.MaxValue, "budget.device_seconds");
        return problems;
    }

    internal static void SmallestEffect(SmallestEffectPlan smallest, string path, List<PlanProblem> problems)
    {
        if (!(smallest.Points is > 0 and < 100))
            problems.Add(new PlanProblem($"{path}.points", $"found {PlanChecks.Shown(smallest.Points)}, expected points above 0 and below 100"));
        new PlanChecks(problems).Positive(smallest.Nats, double.MaxValue, $"{path}.nats");
    }

    /// <summary>Of the first benchmark that is cross-fitted; null: none is.</summary>
    internal static int? Folds(SweepPlan plan) => plan.Benchmarks.Select(benchmark => (benchmark.Split ?? plan.Split).Folds).FirstOrDefault(folds => folds is not null);

    private static void Name(string name, string path, List<PlanProblem> problems)
    {
        if (name.Length is 0 or > LongestName || !name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.'))
            problems.Add(new PlanProblem(path, $"found {PlanChecks.Shown(name)}, expected 1 to {LongestName} letters, digits, '-', '_' and '.'"));
    }

    private static void Models(IReadOnlyList<string> models, List<PlanProblem> problems)
    {
        var check = new PlanChecks(problems);
        check.NotEmpty(models, "models", "a model folder");
        for (var index = 0; index < models.Count; index++)
        {
            check.NotBlank(models[index], $"models[{index}]", "a model folder");
            if (HubModel.IsNamedBy(models[index]) && HubModel.Parse(models[index], out var problem) is null)
                problems.Add(new PlanProblem($"models[{index}]", problem));
        }

        // Results name a model by its folder.
        check.Distinct([.. models.Select(HubModel.ResultName)], index => $"models[{index}]", "a folder's name");
    }

    private static void Benchmarks(SweepPlan plan, List<PlanProblem> problems)
    {
        var check = new PlanChecks(problems);
        check.NotEmpty(plan.Benchmarks, "benchmarks", "a benchmark");
        for (var index = 0; index < plan.Benchmarks.Count; index++)
        {
            var benchmark = plan.Benchmarks[index];
            var path = $"benchmarks[{index}]";
            check.Word(benchmark.Name, PlanWords.Benchmarks, $"{path}.name");
            check.NotBlank(benchmark.Data, $"{path}.data", "a benchmark file");
            if (benchmark.Label is { } label)
                check.Name(label, $"{path}.label");
            check.Between(benchmark.Items, 1, int.MaxValue, $"{path}.items");
            Windows(benchmark, path, problems);
            if (benchmark.Split is { } split)
                Split(split, $"{path}.split", problems);
        }

        check.Distinct([.. plan.Benchmarks.Select(benchmark => benchmark.Label ?? benchmark.Name)], index => $"benchmarks[{index}]", "a label");
    }

    private static void Windows(BenchmarkPlan benchmark, string path, List<PlanProblem> problems)
    {
        var check = new PlanChecks(problems);
        var isText = PlanWords.Texts.Contains(benchmark.Name);
        // What a task scores is known when its file is read.
        if (!isText && benchmark.Name != PlanWords.Task && (benchmark.Window ?? benchmark.Stride) is not null)
            problems.Add(new PlanProblem(path, $"found {(benchmark.Window is null ? "stride" : "window")} for {PlanChecks.Shown(benchmark.Name)}, expected it for {PlanWords.OneOf(PlanWords.Texts)} only"));
        else if (benchmark.Name == "corpus" && benchmark.Window is null)
            problems.Add(new PlanProblem(path, "found no window, expected one: the corpus is one text, longer than a model can read at once"));
        else if (benchmark.Window is null && benchmark.Stride is not null)
            problems.Add(new PlanProblem($"{path}.stride", "found stride without window, expected both"));
        check.Between(benchmark.Window, 1, MostTokens, $"{path}.window");
        check.Between(benchmark.Stride, 1, Math.Max(1, benchmark.Window ?? MostTokens), $"{path}.stride");
    }

    private static void Measures(SweepPlan plan, List<PlanProblem> problems)
    {
        new PlanChecks(problems).Between(plan.Decoding.MaxNewTokens, 1, MostTokens, "decoding.max_new_tokens");
        for (var index = 0; index < plan.Benchmarks.Count; index++)
        {
            var name = plan.Benchmarks[index].Name;
            if (name == "ifeval" && !plan.Decoding.Generate)
                problems.Add(new PlanProblem("decoding.generate", "found false, expected true: ifeval has no gold to score"));
            else if (!PlanWords.Texts.Contains(name) && !PlanWords.Likelihoods.Contains(name) && name != PlanWords.Task && plan.Decoding is { Generate: false, LogLikelihood: false })
                problems.Add(new PlanProblem("decoding", $"found neither log_likelihood nor generate, expected one of them for {PlanChecks.Shown(name)}"));
        }
    }

    private static void Controls(SweepPlan plan, List<PlanProblem> problems)
    {
        var check = new PlanChecks(problems);
        var controls = plan.Controls;
        check.Between(controls.Random, 0, MostControls, "controls.random");
        check.Between(controls.NormMatched, 0, MostControls, "controls.norm_matched");
        check.Between(controls.VarianceMatched, 0, MostControls, "controls.variance_matched");
        check.Between(controls.OtherLayers, 0, MostControls, "controls.other_layers");
        check.Between(controls.OtherChannels, 0, MostControls, "controls.other_channels");
        if (plan.Calibration is null && controls.NeedingCalibration().ToArray() is { Length: > 0 } uncalibrated)
            problems.Add(new PlanProblem("controls", $"found {string.Join(", ", uncalibrated)} in a plan without calibration, expected a field calibration with its text"));
    }

    private static void Split(SplitPlan split, string path, List<PlanProblem> problems)
    {
        new PlanChecks(problems).Between(split.Folds, 2, SplitPlan.MostFolds, $"{path}.folds");
        if (split.Folds is not null && split with { Folds = null } != new SplitPlan())
            problems.Add(new PlanProblem(path, "found shares beside folds, expected one of them"));
        if (!(split.Selection is > 0 and < 1))
            problems.Add(new PlanProblem($"{path}.selection", $"found {PlanChecks.Shown(split.Selection)}, expected a share above 0 and below 1"));
        if (!(split.Validation is >= 0 and < 1))
            problems.Add(new PlanProblem($"{path}.validation", $"found {PlanChecks.Shown(split.Validation)}, expected a share from 0 to below 1"));
        else if (split.Selection < 1 && split.Selection + split.Validation >= 1)
            problems.Add(new PlanProblem(path, $"found shares that add up to {PlanChecks.Shown(split.Selection + split.Validation)}, expected less than 1: the rest is the test split"));
    }
}
