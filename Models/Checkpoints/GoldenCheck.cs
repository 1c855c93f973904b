using System.Text.Json;
using Sweep.Models.Architectures;
using Sweep.Models.Kernels;
using Sweep.Models.Mamba;
using Sweep.Models.Steering;
using static TorchSharp.torch;

namespace Sweep.Models.Checkpoints;

/// <summary>
/// Compares every tensor of golden.safetensors. hidden_states.i is the residual stream after block i, the last one that after the final norm;
/// mixer_output that of the steered layer, unsteered; padded_logits count at real positions only; generations are greedy, the first 12 tokens given.
/// </summary>
internal sealed class GoldenCheck
{
    public const string TensorFile = "golden.safetensors";
    public const string SteeringFile = "golden.json";
    private const double Tolerance = 1e-4;
    private const int PromptTokens = 12;

    private readonly string _path;
    private readonly MambaModel _model;
    private readonly Dictionary<string, Tensor> _golden;
    private readonly Intervention _steering;
    private readonly HashSet<string> _left;

    public GoldenCheck(string folder, MambaModel model)
    {
        _model = model;
        _path = Path.Combine(folder, TensorFile);
        using var file = SafetensorsFile.Open(_path);
        _golden = file.Tensors.Keys.ToDictionary(name => name, name => file.ReadTensor(name), StringComparer.Ordinal);
        _left = [.. _golden.Keys];
        _steering = ReadSteering(Path.Combine(folder, SteeringFile), model.Config);
    }

    public IEnumerable<ModelCheckEntry> Compare(CancellationToken cancellationToken)
    {
        List<ModelCheckEntry> entries = [];
        foreach (var part in (Func<IEnumerable<ModelCheckEntry>>[])[Plain, Steered, Padded, () => Generated("generated", null), () => Generated("steered_generated", _steering)])
        {
            cancellationToken.ThrowIfCancellationRequested();
            entries.AddRange(part());
        }

        entries.AddRange(_left.Order(StringComparer.Ordinal).Select(name => new ModelCheckEntry
        {
            Name = name,
            Measure = "equal",
            Difference = null,
            Tolerance = 0,
            Detail = "found a tensor that nothing here is compared with",
        }));
        return entries;
    }

    private IEnumerable<ModelCheckEntry> Plain()
    {
        if (Tokens("input_ids") is not { } tokens)
            yield break;
        var layers = _model.Config.LayerCount;
        var wanted = Enumerable.Range(0, layers).Select(layer => (layer, Site.ResidualPost)).Append((_steering.Layer, Site.MixerOutput));
        using var recorder = new ActivationRecorder(wanted);
        using var logits = _model.Forward(tokens, recorder: recorder);
        if (Take("logits") is { } expected)
            yield return ModelCheck.Close("logits", logits, expected, Tolerance);
        for (var layer = 0; layer < layers; layer++)
        {
            if (Take($"hidden_states.{layer}") is { } hidden)
                yield return ModelCheck.Close($"hidden_states.{layer}", recorder[layer, Site.ResidualPost], hidden, Tolerance);
        }

        using var final = _model.FinalNorm(recorder[layers - 1, Site.ResidualPost]);
        if (Take($"hidden_states.{layers}") is { } last)
            yield return ModelCheck.Close($"hidden_states.{layers}", final, last, Tolerance);
        if (Take("mixer_output") is { } mixer)
            yield return ModelCheck.Close("mixer_output", recorder[_steering.Layer, Site.MixerOutput], mixer, Tolerance);
    }

    private IEnumerable<ModelCheckEntry> Steered()
    {
        if (Take("steered_logits") is not { } expected || Tokens("input_ids") is not { } tokens)
            yield break;
        using var logits = _model.Forward(tokens, rows: Rows((int)tokens.shape[0], (int)tokens.shape[1], _steering));
        yield return ModelCheck.Close("steered_logits", logits, expected, Tolerance);
    }

    private IEnumerable<ModelCheckEntry> Padded()
    {
        if (Tokens("padded_input_ids") is not { } tokens || Take("attention_mask") is not { } mask)
            yield break;
        var spans = Spans(mask, tokens.shape);
        using var logits = _model.Forward(tokens, spans);
        if (Take("padded_logits") is { } padded)
        {
            yield return padded.shape.SequenceEqual(logits.shape)
                ? ModelCheck.Close("padded_logits", Real(logits), Real(padded), Tolerance)
                : ModelCheck.Close("padded_logits", logits, padded, Tolerance);
        }

        for (var row = 0; row < spans.Rows; row++)
        {
            if (Take($"unpadded_logits.{row}") is not { } alone)
                continue;
            using var single = _model.Forward(tokens[row].narrow(0, spans.Start[row], spans.End[row] - spans.Start[row]).unsqueeze(0));
            yield return ModelCheck.Close($"unpadded_logits.{row}", single, alone.dim() == 2 ? alone.unsqueeze(0) : alone, Tolerance);
        }

        Tensor Real(Tensor values) =>
            cat([.. Enumerable.Range(0, spans.Rows).Select(row => values[row].narrow(0, spans.Start[row], spans.End[row] - spans.Start[row]))], 0);
    }

    /// <summary>The run of ones of each row of the mask.</summary>
    private TokenSpans Spans(Tensor mask, long[] shape)
    {
        if (mask.dtype != ScalarType.Int64 || !mask.shape.SequenceEqual(shape))
            throw new InvalidCheckpointException($"{_path}: tensor 'attention_mask': found {mask.dtype} {SafetensorsEntry.Text(mask.shape)}, expected Int64 {SafetensorsEntry.Text(shape)}");
        var (rows, length) = ((int)shape[0], (int)shape[1]);
        var values = mask.data<long>().ToArray();
        var (starts, ends) = (new int[rows], new int[rows]);
        for (var row = 0; row < rows; row++)
        {
            var ones = values.AsSpan(row * length, length);
            starts[row] = ones.IndexOf(1);
            ends[row] = ones.LastIndexOf(1) + 1;
            if (starts[row] < 0 || ones[starts[row]..ends[row]].ContainsAnyExcept(1) || ones[..starts[row]].ContainsAnyExcept(0) || ones[ends[row]..].ContainsAnyExcept(0))
                throw new InvalidCheckpointException($"{_path}: tensor 'attention_mask': found {string.Join(' ', ones.ToArray())} in row {row}, expected one run of 1 among 0");
        }

        return new(starts, ends, length);
    }

    private IEnumerable<ModelCheckEntry> Generated(string name, Intervention? intervention)
    {
        if (Tokens(name) is not { } tokens)
            yield break;
        var expected = tokens.data<long>().ToArray();
        var length = (int)tokens.shape[1];
        yield return ModelCheck.Equal(name, [.. expected.Chunk(length).SelectMany(row => Generate(row, intervention))], expected);
    }

    /// <summary>The row's first tokens and what follows from them, until the row is as long or a token ends it.</summary>
    private List<long> Generate(long[] row, Intervention? intervention)
    {
        var found = row.Take(PromptTokens).ToList();
        var (logits, state) = _model.Prefill(tensor(row[..PromptTokens], 1, PromptTokens), rows: intervention is null ? null : Rows(1, PromptTokens, intervention));
        using var owned = state;
        while (true)
        {
            using var next = logits.argmax(1);
            logits.Dispose();
            found.Add(next.cpu().item<long>());
            if (found.Count >= row.Length || _model.Config.EosTokenIds.Contains((int)found[^1]))
                return found;
            logits = _model.Step(next, state, intervention is null ? null : Rows(1, 0, intervention));
        }
    }

    private PassRow[] Rows(int count, int promptEnd, Intervention intervention)
    {
        var steering = new RowSteering([intervention], _model.Config);
        return [.. Enumerable.Repeat(new PassRow { Steering = steering, PromptEnd = promptEnd }, count)];
    }

    private Tensor? Take(string name)
    {
        _left.Remove(name);
        return _golden.GetValueOrDefault(name);
    }

    private Tensor? Tokens(string name)
    {
        if (Take(name) is not { } tokens)
            return null;
        var minimum = name.EndsWith("generated", StringComparison.Ordinal) ? PromptTokens + 1 : 1;
        if (tokens.dtype != ScalarType.Int64 || tokens.dim() != 2 || tokens.shape[1] < minimum || tokens.shape[0] < 1)
            throw new InvalidCheckpointException($"{_path}: tensor '{name}': found {tokens.dtype} {SafetensorsEntry.Text(tokens.shape)}, expected Int64 [rows, ≥ {minimum}]");
        var (low, high) = (tokens.min().item<long>(), tokens.max().item<long>());
        return low >= 0 && high < _model.Config.VocabularySize
            ? tokens
            : throw new InvalidCheckpointException($"{_path}: tensor '{name}': found ids from {low} to {high}, expected 0 to {_model.Config.VocabularySize - 1}");
    }

    private static Intervention ReadSteering(string path, ModelConfig config)
    {
        using var document = JsonFile.Read(path, 1_000_000, JsonValueKind.Object);
        try
        {
            var steering = document.RootElement.GetProperty("steering");
            var site = steering.GetProperty("site").GetString();
            if (site != "mixer_output")
                throw new InvalidCheckpointException($"{path}: steering.site: found '{site}', expected 'mixer_output'");
            var intervention = new Intervention
            {
                Layer = steering.GetProperty("layer").GetInt32(),
                Site = Site.MixerOutput,
                Operation = Operation.Scale,
                Channels = [.. steering.GetProperty("channels").EnumerateArray().Select(channel => channel.GetInt32()).Order()],
                Scalar = steering.GetProperty("scalar").GetDouble(),
            };
            _ = new RowSteering([intervention], config);
            return intervention;
        }
        catch (Exception wrong) when (wrong is KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw new InvalidCheckpointException($"{path}: steering: expected layer, site, channels and scalar that fit the model: {wrong.Message}", wrong);
        }
    }
}
