using System.CommandLine;
using Sweep.Models.Checkpoints;

namespace Sweep.Cli.Commands;

/// <summary>`sweep plant SOURCE TARGET`: a copy of a model with a bottleneck that a sweep must find.</summary>
internal static class PlantCommand
{
    public static Command Create()
    {
        var source = new Argument<string>("source") { Description = "A model folder." };
        var target = new Argument<string>("target") { Description = "The folder to write." };
        var layer = new Option<int>("--layer") { Description = "0-based.", HelpName = "N", Required = true, CustomParser = result => OptionValues.WholeNumber(result, 0, int.MaxValue) };
        var count = new Option<int>("--count") { Description = "Rows of out_proj.", HelpName = "N", DefaultValueFactory = _ => 16, CustomParser = result => OptionValues.WholeNumber(result, 1, int.MaxValue) };
        var factor = new Option<double>("--factor") { Description = "What they are multiplied by.", HelpName = "X", DefaultValueFactory = _ => 20, CustomParser = OptionValues.Number };
        var seed = new Option<ulong>("--seed") { Description = "Chooses the rows.", HelpName = "N", DefaultValueFactory = _ => 1, CustomParser = OptionValues.Seed };
        var command = new Command("plant", "Copy a model and multiply some random rows of one layer's out_proj: a positive control.") { source, target, layer, count, factor, seed };
        command.SetAction(parsed =>
        {
            var channels = PlantedBottleneck.Make(
                parsed.GetValue(source)!, parsed.GetValue(target)!, parsed.GetValue(layer), parsed.GetValue(count), parsed.GetValue(seed), parsed.GetValue(factor)).Channels;
            Console.WriteLine($"{parsed.GetValue(target)}: layer {parsed.GetValue(layer)}, channels {string.Join(", ", channels)}");
            return ExitCode.Done;
        });
        return command;
    }
}
