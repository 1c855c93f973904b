using System.Text;
using System.Text.Json;
using Sweep.Contracts.Plans;
using Sweep.Evaluation.Benchmarks;
using Sweep.Execution.Files;

namespace Sweep.Execution.Calibration;

/// <summary>A document of a calibration text.</summary>
/// <param name="Name">Its id, or its number in the file.</param>
/// <param name="Text">As it stands in the file.</param>
internal sealed record CalibrationDocument(string Name, string Text);

/// <summary>The documents that recipes and means are computed over: the first so many of a file, of one half where the plan names one.</summary>
internal sealed record CalibrationText
{
    /// <summary>SHA-256 of the file.</summary>
    public required string Hash { get; init; }

    public required IReadOnlyList<CalibrationDocument> Documents { get; init; }

    /// <summary>Jsonl of {id, half, text}, or plain text whose documents are separated by blank lines.</summary>
    public static CalibrationText Read(string path, CalibrationPlan plan, ContentHashes hashes)
    {
        string content;
        try
        {
            content = File.ReadAllText(path, new UTF8Encoding(false, throwOnInvalidBytes: true));
        }
        catch (DecoderFallbackException)
        {
            throw new InvalidPlanException($"calibration.data: '{plan.Data}' is not UTF-8 text");
        }

        var documents = content.TrimStart('\uFEFF', ' ', '\t', '\r', '\n').StartsWith('{') ? FromJson(content, plan) : FromText(content, plan);
        if (documents.Count == 0)
            throw new InvalidPlanException($"calibration.data: '{plan.Data}' has no document{(plan.Half is { } half ? $" of half '{half}'" : "")}");
        return new CalibrationText { Hash = hashes.OfFile(path), Documents = documents };
    }

    /// <summary>What makes two documents the same: SHA-256 of the text with every run of white space as one space.</summary>
    public static string HashOf(string text) =>
        ContentHashes.OfText(string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));

    private static List<CalibrationDocument> FromText(string content, CalibrationPlan plan)
    {
        if (plan.Half is { } half)
            throw new InvalidPlanException($"calibration.half: '{half}', but '{plan.Data}' is plain text and has no halves");
        return [.. TextDocuments.Split(content).Take(plan.Documents).Select((text, index) => new CalibrationDocument($"document {index + 1}", text))];
    }

    private static List<CalibrationDocument> FromJson(string content, CalibrationPlan plan)
    {
        var documents = new List<CalibrationDocument>();
        var number = 0;
        foreach (var line in content.TrimStart('\uFEFF').Split('\n'))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line))
                continue;
            try
            {
                using var record = JsonDocument.Parse(line);
                var half = record.RootElement.TryGetProperty("half", out var value) ? value.GetString() : null;
                if (plan.Half is not null && half != plan.Half)
                    continue;
                var text = record.RootElement.GetProperty("text").GetString() ?? throw new KeyNotFoundException();
                var name = record.RootElement.TryGetProperty("id", out var id) ? id.ToString() : $"line {number}";
                documents.Add(new CalibrationDocument(name, text));
            }
            catch (Exception failure) when (failure is JsonException or KeyNotFoundException or InvalidOperationException)
            {
                throw new InvalidPlanException($"calibration.data: '{plan.Data}', line {number}: expected a JSON object with a string 'text'");
            }

            if (documents.Count == plan.Documents)
                break;
        }

        return documents;
    }
}
