using System.Text;
using System.Text.Json;
using Sweep.Execution.Files;
using Sweep.Execution.Residency;

namespace Sweep.Execution.Identification;

/// <summary>A clean and a corrupted prompt as tokens, and the first token of what follows each.</summary>
internal sealed record PromptPair(IReadOnlyList<int> Clean, IReadOnlyList<int> Corrupted, int Answer, int Other)
{
    private const long MaxBytes = 64 << 20;

    /// <summary>All pairs of a file; what is wrong is written down with its line.</summary>
    public static IReadOnlyList<PromptPair> Read(string name, PlanFiles files, ITokenCodec? codec, List<string> problems)
    {
        if (files.FindFile(name, out var problem) is not { } path)
        {
            problems.Add($"pairs: {problem}");
            return [];
        }

        if (new FileInfo(path).Length is > MaxBytes and var bytes)
        {
            problems.Add($"pairs: '{name}' has {bytes} bytes, expected at most {MaxBytes}");
            return [];
        }

        var pairs = new List<PromptPair>();
        foreach (var (index, line) in File.ReadLines(path, Encoding.UTF8).Index().Where(line => !string.IsNullOrWhiteSpace(line.Item)))
        {
            if (codec is not null && Parse(line, $"pairs: '{name}', line {index + 1}", codec, problems) is { } pair)
                pairs.Add(pair);
        }

        if (pairs.Count == 0 && problems.Count == 0)
            problems.Add($"pairs: '{name}' has no pair, expected lines of {{clean, corrupted, answer, other}}");
        return pairs;
    }

    private static PromptPair? Parse(string line, string place, ITokenCodec codec, List<string> problems)
    {
        IReadOnlyList<int> Tokens(JsonElement record, string field) => codec.Encode(record.GetProperty(field).GetString() ?? throw new KeyNotFoundException());
        try
        {
            using var record = JsonDocument.Parse(line);
            IReadOnlyList<int> clean = Tokens(record.RootElement, "clean"), corrupted = Tokens(record.RootElement, "corrupted");
            IReadOnlyList<int> answer = Tokens(record.RootElement, "answer"), other = Tokens(record.RootElement, "other");
            if (clean.Count == 0 || clean.Count != corrupted.Count)
                problems.Add($"{place}: found prompts of {clean.Count} and {corrupted.Count} tokens, expected equally many and at least one");
            else if (answer.Count == 0 || other.Count == 0 || answer[0] == other[0])
                problems.Add($"{place}: found answers that begin with the same token or none, expected different ones");
            else
                return new PromptPair(clean, corrupted, answer[0], other[0]);
        }
        catch (Exception failure) when (failure is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            problems.Add($"{place}: expected a JSON object with texts 'clean', 'corrupted', 'answer' and 'other'");
        }

        return null;
    }
}
