using System.Text.Json;
using Sweep.Models.Mamba;
using static TorchSharp.torch;

namespace Sweep.Models.Checkpoints;

/// <summary>
/// Compares the prompts of reference.json: their ids, the most likely next tokens in order, and those tokens' logits within 5e-3 (the reference was
/// computed with TF32-like arithmetic and is itself off by up to 2.5e-3).
/// </summary>
internal sealed class ReferenceCheck
{
    public const string FileName = "reference.json";
    private const double Tolerance = 5e-3;

    private readonly CheckpointFolder _checkpoint;
    private readonly MambaModel _model;
    private readonly string _path;

    public ReferenceCheck(CheckpointFolder checkpoint, MambaModel model)
    {
        (_checkpoint, _model) = (checkpoint, model);
        _path = Path.Combine(checkpoint.Path, FileName);
    }

    public IEnumerable<ModelCheckEntry> Compare(CancellationToken cancellationToken)
    {
        using var document = JsonFile.Read(_path, 100_000_000, JsonValueKind.Array);
        var tokenizer = _checkpoint.HasTokenizer ? _checkpoint.LoadTokenizer() : null;
        List<ModelCheckEntry> entries = [];
        foreach (var (index, prompt) in document.RootElement.EnumerateArray().Index())
        {
            cancellationToken.ThrowIfCancellationRequested();
            var name = $"reference.{index}";
            var (text, ids, top, topLogits) = Read(prompt, name);
            if (tokenizer is not null)
                entries.Add(ModelCheck.Equal($"{name}.input_ids", [.. tokenizer.Encode(text).Select(id => (long)id)], ids));
            using var scope = NewDisposeScope();
            var (logits, state) = _model.Prefill(tensor(ids, [1, ids.Length], dtype: ScalarType.Int64));
            using var owned = state;
            var last = logits.reshape(-1).cpu();
            var (_, likeliest) = last.topk(top.Length);
            entries.Add(ModelCheck.Equal($"{name}.top{top.Length}", [.. likeliest.data<long>()], top));
            entries.Add(ModelCheck.Close($"{name}.top{top.Length}_logits", last.index_select(0, tensor(top)), tensor(topLogits), Tolerance, relative: false));
        }

        return entries;
    }

    private (string Text, long[] Ids, long[] Top, double[] Logits) Read(JsonElement prompt, string name)
    {
        try
        {
            long[] Ids(string field) => [.. prompt.GetProperty(field).EnumerateArray().Select(id => id.GetInt64())];
            double[] logits = [.. prompt.GetProperty("top5_logits").EnumerateArray().Select(logit => logit.GetDouble())];
            var (text, ids, top) = (prompt.GetProperty("prompt").GetString() ?? "", Ids("input_ids"), Ids("top5"));
            var vocabulary = _model.Config.VocabularySize;
            return ids.Length > 0 && top.Length > 0 && top.Length <= vocabulary && top.Length == logits.Length && ids.Concat(top).All(id => id >= 0 && id < vocabulary)
                ? (text, ids, top, logits)
                : throw new FormatException($"ids lie below {vocabulary}, top5 and top5_logits have the same length, nothing is empty");
        }
        catch (Exception wrong) when (wrong is KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new InvalidCheckpointException($"{_path}: {name}: expected prompt, input_ids, top5 and top5_logits: {wrong.Message}", wrong);
        }
    }
}
