using System.Text.Json;
using Sweep.Models.Kernels;
using Sweep.Models.Mamba;
using Sweep.Models.Steering;
using Sweep.Models.Text;
using static TorchSharp.torch;

namespace Sweep.Models.Checkpoints;

/// <summary>One comparison of a check.</summary>
/// <param name="Entry">What was compared.</param>
/// <param name="Error">max |found − expected| / max |expected|; the largest absolute difference for reference logits; 0 or 1 where tokens are compared.</param>
/// <param name="Limit">The largest error that passes.</param>
public sealed record CheckEntry(string Entry, double Error, double Limit)
{
    public bool Passed => Error <= Limit;
}

/// <summary>Compares a model with what a reference implementation computed: golden.safetensors and golden.json, or reference.json, beside it.</summary>
public static class ModelCheck
{
    private const double Tolerance = 1e-4;
    private const double ReferenceLogits = 5e-3;

    /// <exception cref="InvalidCheckpointException">The folder cannot be used, or holds nothing to compare with.</exception>
    public static IReadOnlyList<CheckEntry> Run(string folder)
    {
        using var checkpoint = CheckpointFolder.Open(folder);
        using var model = new MambaModel(checkpoint.Config, checkpoint.LoadTensors(ScalarType.Float32, CPU));
        var golden = Path.Combine(folder, "golden.safetensors");
        var reference = Path.Combine(folder, "reference.json");
        var entries = new List<CheckEntry>();
        if (File.Exists(golden))
            entries.AddRange(Golden(model, golden, Path.Combine(folder, "golden.json")));
        if (File.Exists(reference))
            entries.AddRange(Reference(model, TextTokenizer.Open(checkpoint.TokenizerPath), reference));
        if (entries.Count == 0)
            throw new InvalidCheckpointException($"{folder}: found nothing to compare with, expected golden.safetensors and golden.json, or reference.json, beside the model");
        return entries;
    }

    private static List<CheckEntry> Golden(MambaModel model, string path, string description)
    {
        using var scope = NewDisposeScope();
        using var file = SafetensorsFile.Open(path);
        var entries = new List<CheckEntry>();
        var (steering, layer) = Steering(description);
        var layers = model.Config.LayerCount;
        var input = Read("input_ids");
        using var recorder = new ActivationRecorder([.. Enumerable.Range(0, layers).Select(index => (index, Site.ResidualPost)), (layer, Site.MixerOutput)]);
        Compare("logits", model.Forward(input, recorder: recorder));
        for (var index = 0; index < layers; index++)
            Compare($"hidden_states.{index}", recorder[index, Site.ResidualPost]);
        Compare($"hidden_states.{layers}", model.FinalNorm(recorder[layers - 1, Site.ResidualPost]));
        Compare("mixer_output", recorder[layer, Site.MixerOutput]);
        Compare("steered_logits", model.Forward(input, rows: Rows(steering, (int)input.shape[0], (int)input.shape[1])));

        var mask = Read("attention_mask");
        var length = (int)mask.shape[1];
        var counts = Enumerable.Range(0, (int)mask.shape[0]).Select(row => (int)mask[row].sum().item<long>()).ToArray();
        var spans = new TokenSpans([.. counts.Select(count => length - count)], [.. counts.Select(_ => length)], length);
        var real = mask.unsqueeze(-1).to(float32);
        var padded = model.Forward(Read("padded_input_ids"), spans);
        Add("padded_logits", padded * real, Read("padded_logits") * real);
        for (var row = 0; file.Tensors.ContainsKey($"unpadded_logits.{row}"); row++)
        {
            var alone = model.Forward(Read("padded_input_ids")[row..(row + 1), spans.Start[row]..]);
            Compare($"unpadded_logits.{row}", alone);
        }

        Generate("generated", []);
        Generate("steered_generated", [steering]);
        return entries;

        Tensor Read(string name) => file.Tensors.ContainsKey(name) ? file.ReadTensor(name) : throw new InvalidCheckpointException($"{path}: tensor '{name}': found nothing, expected it in a golden file");

        void Compare(string name, Tensor found)
        {
            if (file.Tensors.ContainsKey(name))
                Add(name, found, file.ReadTensor(name));
        }

        void Add(string name, Tensor found, Tensor expected)
        {
            if (!found.shape.SequenceEqual(expected.shape))
                throw new InvalidCheckpointException($"{path}: tensor '{name}': found [{string.Join(", ", expected.shape)}], expected [{string.Join(", ", found.shape)}]");
            var error = (found.to(float64) - expected.to(float64)).abs().max().item<double>() / Math.Max(1e-30, expected.abs().max().to(float64).item<double>());
            entries.Add(new CheckEntry(name, double.IsNaN(error) ? double.PositiveInfinity : error, Tolerance));
        }

        void Generate(string name, IReadOnlyList<Intervention> interventions)
        {
            if (!file.Tensors.ContainsKey(name))
                return;

            // 12 tokens of prompt and 24 new ones, greedy (README of the golden files).
            var expected = file.ReadTensor(name)[0].data<long>().ToArray();
            var tokens = expected.Take(12).ToList();
            var (logits, state) = model.Prefill(tensor(tokens.ToArray(), [1, 12]), rows: RowsOf(interventions, 12));
            using (state)
            {
                while (tokens.Count < expected.Length)
                {
                    tokens.Add(LogitRows.ArgMax(logits)[0]);
                    logits = model.Step(tensor([tokens[^1]], [1]), state, RowsOf(interventions, 0));
                }
            }

            entries.Add(new CheckEntry(name, tokens.SequenceEqual(expected) ? 0 : 1, 0));
        }

        PassRow[]? RowsOf(IReadOnlyList<Intervention> interventions, int promptEnd) =>
            interventions.Count == 0 ? null : [new PassRow { Steering = new RowSteering(interventions, model.Config), PromptEnd = promptEnd }];

        PassRow[] Rows(Intervention intervention, int rows, int promptEnd) =>
            [.. Enumerable.Range(0, rows).Select(_ => new PassRow { Steering = new RowSteering([intervention], model.Config), PromptEnd = promptEnd })];
    }

    private static (Intervention Steering, int Layer) Steering(string path)
    {
        if (!File.Exists(path))
            throw new InvalidCheckpointException($"{path}: found no file, expected the description of golden.safetensors");
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            var steering = document.RootElement.GetProperty("steering");
            var layer = steering.GetProperty("layer").GetInt32();
            return (new Intervention
            {
                Layer = layer,
                Site = Site.MixerOutput,
                Operation = Operation.Scale,
                Channels = [.. steering.GetProperty("channels").EnumerateArray().Select(channel => channel.GetInt32())],
                Scalar = steering.GetProperty("scalar").GetDouble(),
            }, layer);
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new InvalidCheckpointException($"{path}: found no usable description ({exception.Message}), expected steering with layer, channels and scalar", exception);
        }
    }

    /// <summary>Prompts with their ids, the five likeliest next tokens in order, and those tokens' logits.</summary>
    private static List<CheckEntry> Reference(MambaModel model, TextTokenizer tokenizer, string path)
    {
        var entries = new List<CheckEntry>();
        using var document = JsonDocument.Parse(File.ReadAllBytes(path));
        var number = 0;
        foreach (var entry in document.RootElement.EnumerateArray())
        {
            using var scope = NewDisposeScope();
            var ids = entry.GetProperty("input_ids").EnumerateArray().Select(id => id.GetInt64()).ToArray();
            var same = tokenizer.Encode(entry.GetProperty("prompt").GetString()!).Select(id => (long)id).SequenceEqual(ids);
            entries.Add(new CheckEntry($"reference.{number}.input_ids", same ? 0 : 1, 0));
            var (logits, state) = model.Prefill(tensor(ids, [1, ids.Length]));
            state.Dispose();
            var top = entry.GetProperty("top5").EnumerateArray().Select(id => id.GetInt64()).ToArray();
            var (values, indices) = logits[0].topk(top.Length);
            entries.Add(new CheckEntry($"reference.{number}.top5", indices.data<long>().ToArray().SequenceEqual(top) ? 0 : 1, 0));
            var expected = entry.GetProperty("top5_logits").EnumerateArray().Select(value => value.GetDouble()).ToArray();
            var found = top.Select(id => (double)logits[0, id].item<float>());
            entries.Add(new CheckEntry($"reference.{number}.top5_logits", found.Zip(expected, (a, b) => Math.Abs(a - b)).Max(), ReferenceLogits));
            number++;
        }

        return entries;
    }
}
