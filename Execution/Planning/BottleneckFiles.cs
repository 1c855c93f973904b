using System.Globalization;
using System.Text.Json;
using Sweep.Contracts.Json;
using Sweep.Contracts.Plans;
using Sweep.Execution.Calibration;
using Sweep.Execution.Files;

namespace Sweep.Execution.Planning;

/// <summary>Reads the bottleneck files that a plan names.</summary>
internal sealed class BottleneckFiles(PlanFiles files)
{
    private const long MaxBytes = 64 << 20;

    /// <summary>The file, whose places and channels are still to be held against a model; null with a problem.</summary>
    public BottleneckFile? Read(string name, string place, List<string> problems)
    {
        if (files.FindFile(name, out var problem) is not { } path)
        {
            problems.Add($"{place}.channels.file: {problem}");
            return null;
        }

        if (new FileInfo(path).Length is > MaxBytes and var bytes)
        {
            problems.Add($"{place}.channels.file: '{name}' has {bytes} bytes, expected at most {MaxBytes}");
            return null;
        }

        try
        {
            using var stream = File.OpenRead(path);
            var file = JsonSerializer.Deserialize<BottleneckFile>(stream, SweepJson.Options);
            if (file?.Format == BottleneckFile.CurrentFormat)
                return file;
            problems.Add($"{place}.channels.file: '{name}' has format '{file?.Format}', expected {BottleneckFile.CurrentFormat}");
        }
        catch (JsonException failure)
        {
            problems.Add($"{place}.channels.file: '{name}' is no bottleneck file: {failure.Message}");
        }

        return null;
    }

    /// <summary>Writes down where a file does not fit the model that a plan would use it on.</summary>
    public static void Check(BottleneckFile file, string place, string model, string weightsHash, List<string> problems)
    {
        var at = $"{place}.channels.file";
        if (file.WeightsHash != weightsHash)
            problems.Add($"{at}: found channels of '{file.Model}' with weights {file.WeightsHash}, expected those of model '{model}', {weightsHash}");
        if (file.Channels.Zip(file.Channels.Skip(1)).Any(pair => pair.First >= pair.Second))
            problems.Add($"{at}: found channels {string.Join(", ", file.Channels)}, expected them ascending and distinct");
    }

    /// <summary>
    /// What of the plan's items a file has seen that the plan would report on: what was found on an item says nothing about it. A group counts as a whole, and a document of
    /// the texts wherever it is measured.
    /// </summary>
    public static IEnumerable<string> Leaks(IdentifiedSource source, IReadOnlyList<OpenBenchmark> benchmarks)
    {
        foreach (var benchmark in benchmarks)
        {
            foreach (var used in (source.File.Items?.Benchmarks ?? []).Where(used => used.Name == benchmark.Resolved.Kind && used.DataHash == benchmark.Resolved.DataHash))
            {
                var seen = used.Groups.ToHashSet(StringComparer.Ordinal);
                var reported = benchmark.Resolved.Items.Count(item => item.Split != ItemSplit.Selection && seen.Contains(item.Group));
                if (reported > 0)
                {
                    yield return string.Create(
                        CultureInfo.InvariantCulture,
                        $"bottleneck file '{source.Name}': found {reported} items of benchmark '{benchmark.Resolved.Name}' that it was identified on and that this plan reports on, expected its seed {source.File.Items!.Seed} and shares (selection {used.Split.Selection}, validation {used.Split.Validation})");
                }
            }
        }

        var documents = (source.File.Texts?.Documents ?? []).Index().DistinctBy(document => document.Item).ToDictionary(document => document.Item, document => $"document {document.Index + 1}", StringComparer.Ordinal);
        foreach (var problem in CalibrationOverlap.Find($"bottleneck file '{source.Name}'", documents, [.. benchmarks.Select(benchmark => (benchmark.Resolved.Name, benchmark.Items))]))
            yield return problem;
    }
}
