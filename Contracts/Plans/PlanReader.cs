using Sweep.Contracts.Plans.Reading;

namespace Sweep.Contracts.Plans;

/// <summary>
/// Reads a plan from YAML or JSON (plans/README.md has the syntax). Nothing is guessed: an unknown field, a wrong type, a field given twice or a
/// value out of range is an error.
/// </summary>
public static class PlanReader
{
    /// <param name="text">The plan.</param>
    /// <param name="sourceName">How messages call it, usually the file's path.</param>
    /// <exception cref="InvalidPlanException">Every problem found, each as "NAME:LINE:COLUMN: field: found …, expected …".</exception>
    public static SweepPlan Read(string text, string sourceName)
    {
        var reading = new PlanReading(sourceName);
        return Read(PlanParser.Parse(text, reading), reading);
    }

    /// <summary>The plan that a node stands for; null: the text could not be read, as <paramref name="reading"/> says.</summary>
    internal static SweepPlan Read(PlanNode? root, PlanReading reading)
    {
        var plan = root is null ? null : PlanFields.Of(reading, root, "", "a plan's fields", fields => Plan(fields, reading));
        if (plan is not null)
            reading.AddStructural(PlanValidator.Validate(plan));
        return plan is null || reading.HasProblems ? throw new InvalidPlanException(reading.Problems) : plan;
    }

    private static SweepPlan Plan(PlanFields fields, PlanReading reading)
    {
        var defaults = new SweepPlan { Name = "", Models = [], Benchmarks = [], Bottlenecks = [] };
        return new SweepPlan
        {
            Name = fields.Text("name", "the sweep's name", required: true) ?? "",
            Models = Models(fields, reading),
            Benchmarks = fields.List(
                "benchmarks", "a list of benchmarks", (node, path) => PlanFields.Of(reading, node, path, "a benchmark's fields", Benchmark), required: true, nullable: false) ?? [],
            Bottlenecks = fields.List(
                "bottlenecks", "a list of bottlenecks", (node, path) => PlanFields.Of(reading, node, path, "a bottleneck's fields", inner => BottleneckReader.Bottleneck(inner, reading)), required: true, nullable: false) ?? [],
            Scalars = BottleneckReader.Scalars(fields) ?? [],
            Decoding = fields.Group("decoding", "log_likelihood, generate, max_new_tokens", Decoding) ?? defaults.Decoding,
            Controls = Controls(fields) ?? ControlsPlan.Usual(calibrated: fields.Find("calibration", nullable: true) is not null),
            Calibration = fields.Group("calibration", "data, half, documents, max_tokens", Calibration),
            Identify = fields.Group("identify", "items, scalars", Identify),
            Split = fields.Group("split", "selection, validation, or folds", Split) ?? defaults.Split,
            Search = SearchReader.Read(fields),
            SmallestEffect = fields.Group("smallest_effect", "points, nats", SmallestEffect),
            Hypotheses = fields.List("hypotheses", "a list of hypotheses", (node, path) => PlanFields.Of(reading, node, path, "a hypothesis's fields", inner => Hypothesis(inner, reading))),
            ContextLimit = fields.Whole("context_limit", "a whole number of tokens"),
            Seed = fields.Long("seed", "a whole number") ?? defaults.Seed,
            Precision = fields.Text("precision", PlanWords.OneOf(PlanWords.Precisions)) ?? defaults.Precision,
            Owner = fields.Text("owner", "a name") ?? defaults.Owner,
            Priority = fields.Whole("priority", "a whole number", nullable: false) ?? defaults.Priority,
            Weight = fields.Number("weight", "a number above 0", nullable: false) ?? defaults.Weight,
            Budget = fields.Group("budget", "jobs, device_seconds", Budget) ?? defaults.Budget,
        };
    }

    private static IReadOnlyList<string> Models(PlanFields fields, PlanReading reading) => Names(fields, reading, "models", "a list of model folders", "a model folder", required: true) ?? [];

    private static IReadOnlyList<string>? Names(PlanFields fields, PlanReading reading, string name, string expected, string expectedItem, bool required = false) =>
        fields.List(
            name,
            expected,
            (node, path) =>
            {
                var text = PlanValues.Text(node);
                if (text is null)
                    reading.Add(node, path, expectedItem);
                return text;
            },
            required,
            nullable: !required);

    private static BenchmarkPlan Benchmark(PlanFields fields)
    {
        // Both are benchmarks; a task file takes the place of name and data, and is called by its own name unless it has a label.
        if (fields.Find("task") is not null)
        {
            var task = fields.Text("task", "a task file") ?? "";
            return Benchmark(fields, PlanWords.Task, task, fields.Text("label", "text", nullable: true) ?? Path.GetFileNameWithoutExtension(task));
        }

        return Benchmark(
            fields,
            fields.Text("name", PlanWords.OneOf(PlanWords.Benchmarks), required: true) ?? "",
            fields.Text("data", "a benchmark file", required: true) ?? "",
            fields.Text("label", "text", nullable: true));
    }

    private static BenchmarkPlan Benchmark(PlanFields fields, string name, string data, string? label) => new()
    {
        Name = name,
        Data = data,
        Label = label,
        Items = fields.Whole("items", "a whole number of items"),
        Window = fields.Whole("window", "a whole number of tokens"),
        Stride = fields.Whole("stride", "a whole number of tokens"),
        Split = fields.Group("split", "selection, validation, or folds", Split),
    };

    private static DecodingPlan Decoding(PlanFields fields)
    {
        var defaults = new DecodingPlan();
        return new DecodingPlan
        {
            LogLikelihood = fields.Flag("log_likelihood") ?? defaults.LogLikelihood,
            Generate = fields.Flag("generate") ?? defaults.Generate,
            MaxNewTokens = fields.Whole("max_new_tokens", "a whole number of tokens"),
        };
    }

    private static ControlsPlan? Controls(PlanFields fields) => fields.Find("controls") switch
    {
        ScalarNode { Text: PlanWords.Off } => new ControlsPlan { Random = 0 },
        ScalarNode { Text: PlanWords.Strict } => ControlsPlan.Strict(),
        _ => fields.Group("controls", $"{PlanWords.Off}, {PlanWords.Strict}, or random: and a whole number", inner => new ControlsPlan
        {
            Random = inner.Whole("random", "a whole number of control sets", required: true, nullable: false) ?? 0,
            NormMatched = inner.Whole("norm_matched", "a whole number of control sets"),
            VarianceMatched = inner.Whole("variance_matched", "a whole number of control sets"),
            Complement = inner.Flag("complement"),
            EqualNorm = inner.Flag("equal_norm"),
            OtherLayers = inner.Whole("other_layers", "a whole number of layers"),
            OtherChannels = inner.Whole("other_channels", "a whole number of control sets"),
        }),
    };

    private static CalibrationPlan Calibration(PlanFields fields)
    {
        var defaults = new CalibrationPlan { Data = "" };
        return new CalibrationPlan
        {
            Data = fields.Text("data", "a text file", required: true) ?? "",
            Half = fields.Text("half", "text", nullable: true),
            Documents = fields.Whole("documents", "a whole number of documents", nullable: false) ?? defaults.Documents,
            MaxTokens = fields.Whole("max_tokens", "a whole number of tokens", nullable: false) ?? defaults.MaxTokens,
        };
    }

    private static IdentifyPlan Identify(PlanFields fields)
    {
        var defaults = new IdentifyPlan();
        return new IdentifyPlan
        {
            Items = fields.Whole("items", "a whole number of items", nullable: false) ?? defaults.Items,
            Scalars = fields.Values("scalars", "a list of numbers", "a finite number", PlanValues.Number, nullable: false) ?? defaults.Scalars,
        };
    }

    private static SplitPlan Split(PlanFields fields)
    {
        var defaults = new SplitPlan();
        var split = new SplitPlan
        {
            Selection = fields.Number("selection", "a share of the items", nullable: false) ?? defaults.Selection,
            Validation = fields.Number("validation", "a share of the items", nullable: false) ?? defaults.Validation,
            Folds = fields.Whole("folds", "a whole number of folds", nullable: false),
        };
        if (split.Folds is not null)
        {
            fields.Refuse("selection", "found a share beside folds, expected one of them");
            fields.Refuse("validation", "found a share beside folds, expected one of them");
        }

        return split;
    }

    private static SmallestEffectPlan SmallestEffect(PlanFields fields)
    {
        var defaults = new SmallestEffectPlan();
        return new SmallestEffectPlan
        {
            Points = fields.Number("points", "a number of points above 0", nullable: false) ?? defaults.Points,
            Nats = fields.Number("nats", "a number of nats above 0", nullable: false) ?? defaults.Nats,
        };
    }

    private static HypothesisPlan Hypothesis(PlanFields fields, PlanReading reading) => new()
    {
        Name = fields.Text("name", "the hypothesis's name", required: true) ?? "",
        Statement = fields.Text("statement", "a sentence", required: true) ?? "",
        Bottleneck = fields.Text("bottleneck", "a bottleneck's name", required: true) ?? "",
        Benchmarks = Names(fields, reading, "benchmarks", "a list of benchmarks", "a benchmark's label"),
        Models = Names(fields, reading, "models", "a list of models", "a model folder's name"),
        Direction = fields.Text("direction", PlanWords.OneOf(PlanWords.Directions), required: true) ?? "",
        Against = fields.Text("against", PlanWords.OneOf(PlanWords.Opponents)) ?? PlanWords.Baseline,
        Than = Names(fields, reading, "than", "a list of bottlenecks", "a bottleneck's name"),
        Metric = fields.Text("metric", "a metric's name", nullable: true),
        Scalar = fields.Number("scalar", "a number"),
        Chosen = fields.Number("chosen", "a number"),
        SmallestEffect = fields.Group("smallest_effect", "points, nats", SmallestEffect),
    };

    private static BudgetPlan Budget(PlanFields fields) => new()
    {
        Jobs = fields.Whole("jobs", "a whole number of jobs"),
        DeviceSeconds = fields.Number("device_seconds", "a number of seconds"),
    };
}
