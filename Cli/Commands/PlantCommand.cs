using System.CommandLine;
using Sweep.Cli.Output;
using Sweep.Models.Checkpoints;

namespace Sweep.Cli.Commands;

/// <summary>Makes the positive control: a checkpoint with a bottleneck that steering can undo.</summary>
internal static class PlantCommand
{
    public static Command Create()
    {
        var source = new Argument<string>("SOURCE") { Description = "A model folder." };
        var target = new Argument<string>("TARGET") { Description = "The folder to write." };
        var layer = new Option<int>("--layer") { Description = "0-based layer.", Required = true };
        var count = new Option<int>("--count") { Description = "How many rows of out_proj.", DefaultValueFactory = _ => 16 };
        var factor = new Option<double>("--factor") { Description = "What they are multiplied by.", DefaultValueFactory = _ => 20 };
        var seed = new Option<ulong>("--seed") { Description = "Draws the rows.", DefaultValueFactory = _ => 1 };
        var json = CliOptions.Json();
        var command = new Command("plant", "Copy a model folder with some seeded-random rows of one layer's out_proj multiplied by a factor.") { source, target, layer, count, factor, seed, json };
        command.SetAction(parsed =>
        {
            var (from, to) = (parsed.GetRequiredValue(source), parsed.GetRequiredValue(target));
            var size = parsed.GetValue(factor);
            if (!double.IsFinite(size))
                throw new UsageException($"--factor: found {size}, expected a finite number");
            if (Path.GetFullPath(from).TrimEnd('/') == Path.GetFullPath(to).TrimEnd('/'))
                throw new UsageException($"{to}: found the source as the target, expected another folder");
            var channels = PlantedBottleneck.Plant(from, to, parsed.GetValue(layer), parsed.GetValue(count), size, parsed.GetValue(seed));
            if (parsed.GetValue(json))
                JsonOutput.Write(new { Target = to, Layer = parsed.GetValue(layer), Factor = size, Channels = channels });
            else
                Console.Out.WriteLine($"{to}: layer {parsed.GetValue(layer)}, channels {string.Join(", ", channels)} x {size}");
            return ExitCodes.Ok;
        });
        return command;
    }
}
