using System.Globalization;
using Sweep.Execution.Devices;
using Sweep.Execution.Prefix;
using Sweep.Models;
using Sweep.Models.Steering;
using Sweep.Perf.Dispatch;
using TorchSharp;
using static TorchSharp.torch;

namespace Sweep.Perf.Gpu;

/// <summary>
/// The table of docs/performance.md for a CUDA device: prefill, generation and sweeps of random weights of published shapes. Arguments choose the parts: prefill, generate, sweep, kernels;
/// without any all run.
/// </summary>
internal static class GpuHarness
{
    private const string DeviceName = "cuda:0";
    private const int Length = 512;
    private const double WarmUpSeconds = 1.5;
    private static readonly string[] Parts = ["prefill", "generate", "sweep", "kernels"];

    public static int Run(string[] arguments)
    {
        var wanted = arguments.Where(argument => argument != "--json").ToArray();
        if (wanted.Except(Parts).FirstOrDefault() is { } unknown)
            throw new HarnessException($"part: found '{unknown}', expected some of {string.Join(", ", Parts)}");
        if ((TorchLibrary.Preload() ?? TorchDevice.Problem(DeviceName)) is { } problem)
            throw new HarnessException(problem);
        using var gradients = inference_mode();
        var device = new Device(DeviceType.CUDA, 0);
        Console.WriteLine(new MachineDevices().Describe(DeviceName).Name);
        bool Wants(string part) => wanted.Length == 0 || wanted.Contains(part);
        if (Wants("kernels"))
            KernelRows.Print(device);
        if (Wants("prefill"))
            Prefill(device);
        if (Wants("generate"))
            Generate(device);
        if (Wants("sweep"))
            Sweep(device);
        return 0;
    }

    private static void Prefill(Device device)
    {
        (string Model, ScalarType Dtype, int[] Rows)[] shapes =
        [
            ("130m", ScalarType.Float32, [1, 16, 64]), ("130m", ScalarType.BFloat16, [1, 16, 64]), ("370m", ScalarType.BFloat16, [1, 64]), ("1.4b", ScalarType.BFloat16, [1, 16, 64]),
            ("2.8b", ScalarType.BFloat16, [1, 64]),
        ];
        foreach (var (name, dtype, batches) in shapes)
        {
            using var model = RandomModels.Make(RandomModels.Config(name), dtype, device);
            foreach (var rows in batches)
            {
                using var tokens = RandomModels.Tokens(model.Config, rows, Length);
                var time = GpuClock.Measure(() =>
                {
                    var (logits, state) = model.Prefill(tokens);
                    logits.Dispose();
                    state.Dispose();
                });
                Row($"prefill {name} {Word(dtype)} {rows} x {Length}", time, (double)rows * Length, "tok/s");
            }
        }
    }

    private static void Generate(Device device)
    {
        const int prompt = 128, steps = 64;
        foreach (var name in (string[])["130m", "1.4b"])
        {
            using var model = RandomModels.Make(RandomModels.Config(name), ScalarType.BFloat16, device);
            using var executor = new SteeredExecutor(model);
            foreach (var rows in (int[])[1, 64])
            {
                var random = new Random(1);
                PromptRequest[] prompts = [.. Enumerable.Range(0, rows).Select(_ => new PromptRequest
                {
                    PromptTokens = [.. Enumerable.Range(0, prompt).Select(_ => random.Next(model.Config.VocabularySize))],
                    Generation = new GenerationRequest { MaxNewTokens = steps, StopTokens = new HashSet<int>() },
                })];
                var time = GpuClock.Measure(() => executor.Run(new SteeredBatch { Prompts = prompts, Rows = [] }, CancellationToken.None), WarmUpSeconds);
                Row($"generate {name} bf16, batch {rows}, {prompt} + {steps}", time, (double)rows * steps, "new tok/s");
            }
        }
    }

    private static void Sweep(Device device)
    {
        const int items = 64, newTokens = 32, layer = 20;
        using var model = RandomModels.Make(RandomModels.Config("130m"), ScalarType.BFloat16, device);
        using var executor = new SteeredExecutor(model);
        var random = new Random(1);
        PromptRequest[] Prompts(bool generate) => [.. Enumerable.Range(0, items).Select(_ => new PromptRequest
        {
            PromptTokens = [.. Enumerable.Range(0, Length).Select(_ => random.Next(model.Config.VocabularySize))],
            Continuations = generate ? [] : [[random.Next(model.Config.VocabularySize)]],
            Generation = generate ? new GenerationRequest { MaxNewTokens = newTokens, StopTokens = new HashSet<int>() } : null,
        })];
        Intervention Scale(double scalar, int seed) => new()
        {
            Layer = layer,
            Site = Site.MixerOutput,
            Operation = Operation.Scale,
            Scalar = scalar,
            Channels = [.. new Random(seed).GetItems(Enumerable.Range(0, model.Config.DModel).ToArray(), 64).Distinct().Order().Take(16)],
        };
        Intervention[][] scalars = [.. Enumerable.Range(0, 16).Select(index => (Intervention[])[Scalars(index)])];
        Intervention[][] controls = [.. Enumerable.Range(0, 200).Select(seed => (Intervention[])[Scale(5, seed)])];
        Intervention Scalars(int index) => Scale(0.25 * (index + 5), 0);

        var prompts = Prompts(generate: false);
        var sweep = GpuClock.Measure(() => executor.Run(new SteeredBatch { Prompts = prompts, Rows = scalars }, CancellationToken.None), WarmUpSeconds);
        Row($"sweep 130m bf16, layer {layer} of 24, 16 scalars x {items} x {Length}", sweep, 16.0 * items * Length, "effective tok/s");
        PromptRequest[] shorter = [.. prompts.Select(prompt => prompt with { PromptTokens = [.. prompt.PromptTokens.Take(8)] })];
        Row("  of it the host's: the same with prompts of 8", GpuClock.Measure(() => executor.Run(new SteeredBatch { Prompts = shorter, Rows = scalars }, CancellationToken.None), WarmUpSeconds), 16.0 * items, "rows/s");
        var wide = GpuClock.Measure(() =>
        {
            foreach (var part in prompts.Chunk(16))
                executor.Run(new SteeredBatch { Prompts = part, Rows = controls }, CancellationToken.None);
        });
        Row($"sweep 130m bf16, layer {layer} of 24, 200 sets x {items} x {Length}", wide, 200.0 * items * Length, "effective tok/s");
        var generating = Prompts(generate: true);
        var generation = GpuClock.Measure(() => executor.Run(new SteeredBatch { Prompts = generating, Rows = scalars }, CancellationToken.None), WarmUpSeconds);
        Row($"sweep generation 130m bf16, 16 scalars x {items}, {Length} + {newTokens}", generation, 16.0 * items * newTokens, "new tok/s, prefill included");
        Row("  of it decoding, the pass above taken off", new(generation.Median - sweep.Median, generation.Low - sweep.High, generation.High - sweep.Low, generation.Rounds), 16.0 * items * newTokens, "new tok/s");
    }

    internal static void Row(string what, Timing time, double units, string unit) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{what,-70} {time.Median * 1e3,9:0.000} ms ({time.Low * 1e3:0.000} to {time.High * 1e3:0.000}, {time.Rounds} rounds) {units / time.Median,14:0} {unit}"));

    internal static string Word(ScalarType dtype) => dtype switch
    {
        ScalarType.Float32 => "fp32",
        ScalarType.BFloat16 => "bf16",
        _ => "fp16",
    };
}
