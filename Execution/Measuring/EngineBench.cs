using System.Diagnostics;
using Sweep.Execution.Devices;
using Sweep.Execution.Prefix;
using Sweep.Execution.Residency;
using Sweep.Models.Checkpoints;
using Sweep.Models.Mamba;
using Sweep.Models.Steering;
using TorchSharp;
using static TorchSharp.torch;

namespace Sweep.Execution.Measuring;

/// <summary>What to time, on which device.</summary>
public sealed record BenchRequest
{
    /// <summary>A model folder, or the name of a published shape ("130m"), which gets random weights.</summary>
    public required string Model { get; init; }

    /// <summary>"cpu:0", "cuda:1".</summary>
    public required string Device { get; init; }

    /// <summary>"fp32", "tf32", "bf16", "fp16".</summary>
    public required string Precision { get; init; }

    /// <summary>Prompts at once.</summary>
    public required int Prompts { get; init; }

    /// <summary>Tokens of each.</summary>
    public required int Length { get; init; }

    public required int NewTokens { get; init; }

    /// <summary>Scalars of the sweep.</summary>
    public required int Scalars { get; init; }

    /// <summary>Null: five sixths of the depth.</summary>
    public int? Layer { get; init; }
}

/// <summary>One measurement: seconds of some rounds after one to warm up, and what was done in each.</summary>
/// <param name="What">"prefill", "decode", "sweep", "sweep decode".</param>
/// <param name="Tokens">Of one round.</param>
public sealed record BenchRow(string What, string Unit, double Tokens, double Median, double Lowest, double Highest, int Rounds)
{
    public double TokensASecond => Tokens / Median;
}

/// <summary>The engine's speed on a device: prompts read, tokens generated, and a sweep of scalars at one layer, all through what jobs run on.</summary>
public static class EngineBench
{
    private const double SecondsWanted = 2;
    private const int MostRounds = 15;
    private const int LeastRounds = 3;

    /// <summary>Why it cannot run, in one line; null: it can.</summary>
    public static string? Problem(BenchRequest request) =>
        TorchDevice.Problem(request.Device) ?? ModelPrecision.Problem(request.Precision, request.Device)
        ?? (Directory.Exists(request.Model) || PublishedShapes.Find(request.Model) is not null ? null
            : $"model: found no folder '{request.Model}', expected a model's folder or one of {string.Join(", ", PublishedShapes.Names)}");

    /// <exception cref="Models.InvalidCheckpointException">The folder holds no model.</exception>
    public static IEnumerable<BenchRow> Run(BenchRequest request, CancellationToken cancellationToken)
    {
        using var gradients = inference_mode();
        using var model = Open(request);
        using var executor = new SteeredExecutor(model);
        var layers = model.Config.LayerCount;
        var layer = Math.Clamp(request.Layer ?? layers * 5 / 6, 0, layers - 1);
        var random = new Random(1);
        int[] Tokens(int count) => [.. Enumerable.Range(0, count).Select(_ => random.Next(1, model.Config.VocabularySize))];
        PromptRequest[] prompts = [.. Enumerable.Range(0, request.Prompts).Select(_ => new PromptRequest { PromptTokens = Tokens(request.Length), Continuations = [Tokens(1)] })];
        PromptRequest[] generating = [.. prompts.Select(prompt => prompt with { Continuations = [], Generation = new GenerationRequest { MaxNewTokens = request.NewTokens + 1, StopTokens = new HashSet<int>() } })];
        PromptRequest[] first = [.. generating.Select(prompt => prompt with { Generation = new GenerationRequest { MaxNewTokens = 1, StopTokens = new HashSet<int>() } })];
        Intervention[][] scalars = [.. Enumerable.Range(0, request.Scalars).Select(index => (Intervention[])
        [
            new() { Layer = layer, Site = Site.MixerOutput, Operation = Operation.Scale, Channels = [.. Enumerable.Range(0, Math.Min(16, model.Config.DModel))], Scalar = 0.25 * (index + 5) },
        ])];
        double[] Time(PromptRequest[] asked, Intervention[][] rows) =>
            Rounds(model.Device, () => executor.Run(new SteeredBatch { Prompts = asked, Rows = rows }, cancellationToken));
        BenchRow Row(string what, string unit, double tokens, double[] seconds) =>
            new(what, unit, tokens, seconds[seconds.Length / 2], seconds[0], seconds[^1], seconds.Length);

        yield return Row("prefill", "tokens", (double)request.Prompts * request.Length, Time(prompts, []));
        if (request.NewTokens > 0)
            yield return Row("decode", "new tokens", (double)request.Prompts * request.NewTokens, Beyond(Time(generating, []), Time(first, [])));
        if (request.Scalars > 0)
        {
            yield return Row("sweep", "tokens × scalars", (double)request.Prompts * request.Length * request.Scalars, Time(prompts, scalars));
            if (request.NewTokens > 0)
                yield return Row("sweep decode", "new tokens × scalars", (double)request.Prompts * request.NewTokens * request.Scalars, Beyond(Time(generating, scalars), Time(first, scalars)));
        }
    }

    private static MambaModel Open(BenchRequest request)
    {
        var device = TorchDevice.Find(request.Device, out var problem) ?? throw new InvalidOperationException(problem);
        var (dtype, tf32) = (ModelPrecision.Storage(request.Precision), request.Precision == ModelPrecision.Tf32);
        if (!Directory.Exists(request.Model))
            return PublishedShapes.Find(request.Model) is { } config ? new MambaModel(config, PublishedShapes.Weights(config, dtype, device), device, dtype, tf32) : throw new InvalidOperationException(Problem(request));
        using var checkpoint = CheckpointFolder.Open(request.Model);
        return checkpoint.LoadModel(dtype, device, tf32);
    }

    /// <summary>What the longer work takes beyond the shorter one's median, never less than nothing.</summary>
    private static double[] Beyond(double[] longer, double[] shorter) => [.. longer.Select(seconds => Math.Max(1e-9, seconds - shorter[shorter.Length / 2]))];

    /// <summary>Sorted.</summary>
    private static double[] Rounds(Device device, Action work)
    {
        double Once()
        {
            var start = Stopwatch.GetTimestamp();
            work();
            if (device.type == DeviceType.CUDA)
                cuda.synchronize();
            return Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        var warm = Once();
        return [.. Enumerable.Range(0, Math.Clamp((int)(SecondsWanted / Math.Max(warm, 1e-6)), LeastRounds, MostRounds)).Select(_ => Once()).Order()];
    }
}
