using System.CommandLine;
using System.Globalization;
using Sweep.Models.Architectures;
using Sweep.Models.Checkpoints;

namespace Sweep.Cli.Commands;

/// <summary>`sweep models init FOLDER`: a model with random weights.</summary>
internal static class ModelsInitCommand
{
    private const long LargeBytes = 1_000_000_000;

    public static Command Create()
    {
        var target = new Argument<string>("folder") { Description = "The folder to write; new or empty." };
        var architecture = new Option<Architecture>("--architecture")
        {
            Description = "A model_type.",
            HelpName = string.Join('|', ArchitectureCatalog.All.Select(one => one.ModelType)),
            Required = true,
            CustomParser = result => OptionValues.OneOf(result, [.. ArchitectureCatalog.All.Select(one => (one.ModelType, one))]),
        };
        var size = new Option<string>("--size")
        {
            Description = $"The shape of the model: {string.Join("; ", ArchitectureCatalog.All.Select(one => $"{one.ModelType}: {string.Join(", ", NewModel.Sizes(one))}"))}.",
            HelpName = "NAME",
            DefaultValueFactory = _ => "tiny",
        };
        var seed = new Option<ulong>("--seed") { Description = "Of the weights: the same seed gives the same bytes.", HelpName = "N", DefaultValueFactory = _ => 1, CustomParser = OptionValues.Seed };
        var tokenizer = new Option<string?>("--tokenizer") { Description = "A model folder whose tokenizer is copied; without it, a token is a byte.", HelpName = "FOLDER" };
        var command = new Command("init", "Make a model with random weights, as training would begin: for tests and measurements.") { target, architecture, size, seed, tokenizer };
        command.SetAction(parsed =>
        {
            var (folder, kind, name) = (parsed.GetValue(target)!, parsed.GetValue(architecture)!, parsed.GetValue(size)!);
            // Where a disk is asked for, the size comes first; a small one is there before it is read.
            if (NewModel.Bytes(kind, name) is > LargeBytes and var bytes)
                Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{folder}: writing {bytes / 1e9:0.0} GB of weights"));
            NewModel.Write(folder, kind, name, parsed.GetValue(seed), parsed.GetValue(tokenizer));
            using var made = CheckpointFolder.Open(folder);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{folder}: {kind.ModelType} {name}, {made.Config.LayerCount} layers, d_model {made.Config.DModel}, {made.ParameterCount:N0} parameters, seed {parsed.GetValue(seed)}"));
            return ExitCode.Done;
        });
        return command;
    }
}
