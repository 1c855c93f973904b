using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Sweep.Contracts.Json;
using Sweep.Contracts.Plans;
using Sweep.Execution.Devices;
using Sweep.Execution.Measuring;

namespace Sweep.Cli.Commands;

/// <summary>`sweep bench`: how fast a device reads, generates and sweeps.</summary>
internal static class BenchCommand
{
    public static Command Create()
    {
        var model = new Argument<string>("model") { Description = "A model's folder, or a published shape with random weights: 130m, 370m, 790m, 1.4b, 2.8b.", DefaultValueFactory = _ => "130m" };
        var device = CommonOptions.Device();
        var precision = new Option<string?>("--precision")
        {
            Description = "fp32, bf16, fp16, or on a GPU tf32. Default: bf16 on a GPU, else fp32.",
            HelpName = "word",
            CustomParser = result => OptionValues.OneOf(result, [.. PlanWords.Precisions.Select(word => (word, word))]),
        };
        var prompts = Number("--prompts", "Prompts at once.", 16, 1);
        var length = Number("--length", "Tokens of each prompt.", 256, 1);
        var fresh = Number("--new", "New tokens of each prompt; 0: nothing is generated.", 32, 0);
        var scalars = Number("--scalars", "Scalars of the sweep at one layer; 0: no sweep.", 8, 0);
        var layer = new Option<int?>("--layer") { Description = "The swept layer. Default: at five sixths of the depth.", HelpName = "N", CustomParser = result => OptionValues.WholeNumber(result, 0, 10_000) };
        var json = CommonOptions.Json();
        var command = new Command("bench", "Time prefill, decoding and a sweep on a device: tokens a second, median and spread.") { model, device, precision, prompts, length, fresh, scalars, layer, json };
        command.SetAction((parsed, cancellationToken) =>
        {
            var name = parsed.GetValue(device)!;
            var place = name == DeviceName.Cpu ? "cpu:0" : name;
            var request = new BenchRequest
            {
                Model = parsed.GetValue(model)!,
                Device = place,
                Precision = parsed.GetValue(precision) ?? (name == DeviceName.Cpu ? "fp32" : "bf16"),
                Prompts = parsed.GetValue(prompts),
                Length = parsed.GetValue(length),
                NewTokens = parsed.GetValue(fresh),
                Scalars = parsed.GetValue(scalars),
                Layer = parsed.GetValue(layer),
            };
            if (EngineBench.Problem(request) is { } problem)
                throw new WrongInputException(problem);
            return Task.Run(() => Print(request, parsed.GetValue(json), cancellationToken), cancellationToken);
        });
        return command;
    }

    private static int Print(BenchRequest request, bool json, CancellationToken cancellationToken)
    {
        var facts = new MachineDevices().Describe(request.Device);
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(new { Request = request, Machine = facts.Name, Rows = EngineBench.Run(request, cancellationToken).ToArray() }, SweepJson.Indented));
            return ExitCode.Done;
        }

        Console.WriteLine($"{request.Model}, {request.Precision}, {request.Device} ({facts.Name}): {request.Prompts} x {request.Length} tokens, {request.NewTokens} new, {request.Scalars} scalars");
        foreach (var row in EngineBench.Run(request, cancellationToken))
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{row.What,-13} {row.TokensASecond,14:N0} {row.Unit} a second ({row.Median * 1e3:0.00} ms, {row.Lowest * 1e3:0.00} to {row.Highest * 1e3:0.00}, {row.Rounds} rounds)"));
        }

        return ExitCode.Done;
    }

    private static Option<int> Number(string name, string description, int otherwise, int least) => new(name)
    {
        Description = description,
        HelpName = "N",
        DefaultValueFactory = _ => otherwise,
        CustomParser = result => OptionValues.WholeNumber(result, least, 1 << 20),
    };
}
