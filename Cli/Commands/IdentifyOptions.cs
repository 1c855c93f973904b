using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Sweep.Cli.Stores;
using Sweep.Contracts.Plans;
using Sweep.Execution.Identification;
using Sweep.Hosting;

namespace Sweep.Cli.Commands;

/// <summary>Arguments and options of `sweep identify`.</summary>
internal sealed class IdentifyOptions
{
    private static readonly IdentifyRequest Defaults = new() { Model = "", Texts = new CalibrationPlan { Data = "" } };

    private readonly Argument<string> _model = new("model") { Description = "A model folder, or hf:ORG/NAME[@REVISION]." };

    private readonly TextOptions _texts = new();

    private readonly Option<string?> _layers = new("--layers") { Description = "Layers whose channels are ranked: 8,9 or all. Default: the one at relative depth 0.83.", HelpName = "list|all" };

    private readonly Option<string[]> _sites = List("--sites", "Sites whose channels are ranked.", Defaults.Sites);

    private readonly Option<string[]?> _by = new("--by")
    {
        Description = $"Recipes: {string.Join(", ", ChannelRecipes.OverTexts)} over the texts; {string.Join(", ", ChannelRecipes.OverItems)} over items; on request {string.Join(", ", ChannelRecipes.OnRequest)}. Default: all that can be computed but the last.",
        HelpName = "list",
        CustomParser = OptionValues.Words,
    };

    private readonly Option<int> _top = TextOptions.Count("--top", "Channels that a recipe chooses.", Defaults.Top);

    private readonly Option<int> _groups = new("--groups") { Description = "Also cut the channels into this many groups that move together over the texts (k-means).", HelpName = "N", CustomParser = result => OptionValues.WholeNumber(result, 1, int.MaxValue) };

    private readonly Option<int> _autoencoder = new("--autoencoder") { Description = "Also train a sparse autoencoder of this many features at each place.", HelpName = "N", CustomParser = result => OptionValues.WholeNumber(result, 1, 1 << 16) };

    private readonly Option<int?> _attentionMap = new("--attention-map") { Description = "Also put the hidden attention over this document (1 is the first) into --json.", HelpName = "N", CustomParser = result => OptionValues.WholeNumber(result, 1, int.MaxValue) };

    private readonly Option<string[]> _benchmarks = new("--benchmark")
    {
        Description = "A benchmark's name and file (triviaqa=FILE), of whose selection split recipes over items take items; may be given again.",
        HelpName = "name=file",
    };

    private readonly Option<int> _items = TextOptions.Count("--items", "At most this many items of each benchmark's selection split.", 50);

    private readonly Option<double[]> _scalars = new("--scalars")
    {
        Description = "What the recipe scaling multiplies a channel by.",
        HelpName = "list",
        DefaultValueFactory = _ => [.. Defaults.Scalars],
        CustomParser = Numbers,
    };

    private readonly Option<double> _selection = new("--selection") { Description = "Share of the selection split, as in the plans that will use the result.", HelpName = "X", DefaultValueFactory = _ => Defaults.Split.Selection, CustomParser = OptionValues.Number };

    private readonly Option<double> _validation = new("--validation") { Description = "Share of the validation split.", HelpName = "X", DefaultValueFactory = _ => Defaults.Split.Validation, CustomParser = OptionValues.Number };

    private readonly Option<long> _seed = new("--seed") { Description = "Of item order and splits, as in the plans that will use the result.", HelpName = "N" };

    private readonly Option<int?> _contextLimit = new("--context-limit") { Description = "Longest prompt in tokens; contexts are cut.", HelpName = "N", CustomParser = result => OptionValues.WholeNumber(result, 1, int.MaxValue) };

    private readonly Option<string> _precision = TextOptions.Precision();

    private readonly Option<string?> _out = new("--out") { Description = "A folder for the bottleneck files, which plans can name. Default: none is written.", HelpName = "folder", CustomParser = OptionValues.FileName };

    private readonly Option<int?> _workers = new("--workers")
    {
        Description = "Measure recipes over items as a sweep of this many workers, each with a model of its own, which the same command continues if it is stopped. Default: in one process, without a store.",
        HelpName = "N",
        CustomParser = result => OptionValues.WholeNumber(result, 1, 64),
    };

    private readonly Option<StoreChoice?> _store = new("--store")
    {
        Description = $"The store of that sweep, a SQLite file. Default with --workers: {Path.Combine(".sweep", "sweep.db")}.",
        HelpName = "file",
        CustomParser = result => new StoreChoice(OptionValues.FileName(result)),
    };

    public void AddTo(Command command)
    {
        command.Arguments.Add(_model);
        foreach (var option in (Option[])[.. _texts.All, _layers, _sites, _by, _top, _groups, _autoencoder, _attentionMap, _benchmarks, _items, _scalars, _selection, _validation, _seed, _contextLimit, _precision, _out, _workers, _store])
            command.Options.Add(option);
    }

    public string? Folder(ParseResult parsed) => parsed.GetValue(_out);

    /// <summary>Where and with how many workers recipes over items are measured as a sweep; null: they are measured without one.</summary>
    public (string StorePath, int Workers)? Measuring(ParseResult parsed)
    {
        var (workers, store) = (parsed.GetValue(_workers), parsed.GetValue(_store));
        return workers is null && store is null ? null : ((store ?? new StoreChoice(new EmbeddedOptions().StorePath)).FilePath("identify"), workers ?? 1);
    }

    public IdentifyRequest Read(ParseResult parsed)
    {
        var split = new SplitPlan { Selection = parsed.GetValue(_selection), Validation = parsed.GetValue(_validation) };
        if (!(split.Selection > 0 && split.Validation >= 0 && split.Selection + split.Validation < 1))
            throw new WrongInputException($"--selection, --validation: found {split.Selection} and {split.Validation}, expected shares that leave some items for the test split");
        BenchmarkPlan[] benchmarks = [.. (parsed.GetValue(_benchmarks) ?? []).Select(word => Benchmark(word, parsed.GetValue(_items)))];
        return new IdentifyRequest
        {
            Model = parsed.GetValue(_model)!,
            Texts = _texts.Read(parsed),
            Layers = Layers(parsed.GetValue(_layers)),
            AllLayers = parsed.GetValue(_layers) == "all",
            Sites = parsed.GetValue(_sites) ?? Defaults.Sites,
            Recipes = parsed.GetValue(_by) is { Length: > 0 } recipes ? recipes : [.. ChannelRecipes.OverTexts, .. benchmarks.Length == 0 ? [] : ChannelRecipes.OverItems],
            Top = parsed.GetValue(_top),
            Groups = parsed.GetValue(_groups),
            AutoencoderFeatures = parsed.GetValue(_autoencoder),
            AttentionDocument = parsed.GetValue(_attentionMap),
            Benchmarks = benchmarks,
            Scalars = parsed.GetValue(_scalars) ?? Defaults.Scalars,
            Split = split,
            ContextLimit = parsed.GetValue(_contextLimit),
            Seed = parsed.GetValue(_seed),
            Precision = parsed.GetValue(_precision)!,
        };
    }

    private static BenchmarkPlan Benchmark(string word, int items)
    {
        var at = word.IndexOf('=');
        var name = at < 0 ? "" : word[..at];
        return PlanWords.Benchmarks.Contains(name) && at + 1 < word.Length
            ? new BenchmarkPlan { Name = name, Data = word[(at + 1)..], Items = items }
            : throw new WrongInputException($"--benchmark: found '{word}', expected NAME=FILE with one of {string.Join(", ", PlanWords.Benchmarks)}");
    }

    private static int[]? Layers(string? words) => words is null or "all" ? null :
    [
        .. words.Split(',').Select(word => int.TryParse(word.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var layer)
            ? layer
            : throw new WrongInputException($"--layers: found '{words}', expected whole numbers with commas between them, or all")),
    ];

    private static double[] Numbers(ArgumentResult result)
    {
        var numbers = new List<double>();
        foreach (var word in OptionValues.Words(result))
        {
            if (double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number))
                numbers.Add(number);
            else
                result.AddError($"{OptionValues.Name(result)}: found '{word}', expected finite numbers with commas between them");
        }

        return [.. numbers];
    }

    private static Option<string[]> List(string name, string description, IReadOnlyList<string> value) => new(name)
    {
        Description = description,
        HelpName = "list",
        DefaultValueFactory = _ => [.. value],
        CustomParser = OptionValues.Words,
    };
}
