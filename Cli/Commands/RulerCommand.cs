using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using Sweep.Evaluation.Ruler;
using Sweep.Models.Text;

namespace Sweep.Cli.Commands;

/// <summary>`sweep data make ruler`: RULER's samples at any length, for the benchmark "ruler".</summary>
internal static class RulerCommand
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Create()
    {
        var tokenizer = new Option<string>("--tokenizer") { Description = "A model folder, or its tokenizer.json: lengths are counted with it.", HelpName = "folder", Required = true, CustomParser = OptionValues.FileName };
        var length = new Option<int>("--length") { Description = "Longest prompt with its answer, in tokens; published are 4096 to 131072.", HelpName = "N", Required = true, CustomParser = result => OptionValues.WholeNumber(result, 64, 1 << 21) };
        var items = new Option<int>("--items") { Description = "Samples a task; published is 500.", HelpName = "N", DefaultValueFactory = _ => 500, CustomParser = result => OptionValues.WholeNumber(result, 1, 100_000) };
        var seed = new Option<ulong>("--seed") { Description = "The same seed gives the same file.", HelpName = "N", DefaultValueFactory = _ => 42, CustomParser = OptionValues.Seed };
        var tasks = new Option<string[]>("--task") { Description = $"May be given again; default: all of {string.Join(", ", RulerGenerator.Tasks)}.", HelpName = "name" };
        var output = new Option<string>("--out") { Description = "The file to write, a record a line.", HelpName = "file", Required = true, CustomParser = OptionValues.FileName };
        var words = Source("--words", "Folder with adjectivelist.txt, nounlist.txt and verblist.txt of the Python package wonderwords (keys and values that are words; cwe).");
        var more = Source("--more-words", "JSON of words, for a cwe that takes more than the word lists have.");
        var essays = Source("--essays", "Text, JSON of {text}, or a folder of .txt: RULER takes Paul Graham's essays.");
        var squad = Source("--squad", "SQuAD v2.0 dev (qa_1; with v1.1 the task is like it).");
        var hotpot = Source("--hotpot", "HotpotQA dev, distractor setting (qa_2).");
        var command = new Command("ruler", "Write RULER samples of an exact length in tokens.") { tokenizer, length, items, seed, tasks, output, words, more, essays, squad, hotpot };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var chosen = parsed.GetValue(tasks) is { Length: > 0 } named ? named : [.. RulerGenerator.Tasks];
            if (chosen.FirstOrDefault(name => !RulerGenerator.Tasks.Contains(name)) is { } unknown)
                throw new WrongInputException($"--task: found '{unknown}', expected one of {string.Join(", ", RulerGenerator.Tasks)}");
            var text = TextTokenizer.Load(TokenizerFile(parsed.GetValue(tokenizer)!));
            var settings = new RulerSettings
            {
                Length = parsed.GetValue(length),
                Items = parsed.GetValue(items),
                Seed = unchecked((long)parsed.GetValue(seed)),
                CountTokens = sample => text.Encode(sample, parseSpecial: false).Count,
                Words = parsed.GetValue(words),
                MoreWords = parsed.GetValue(more),
                Essays = parsed.GetValue(essays),
                Squad = parsed.GetValue(squad),
                Hotpot = parsed.GetValue(hotpot),
            };
            var path = parsed.GetValue(output)!;
            if (File.Exists(path))
                throw new WrongInputException($"--out: found a file '{path}', expected a name that is free");
            await WriteAsync(path, chosen, settings, cancellationToken);
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>Under another name until it is whole.</summary>
    private static async Task WriteAsync(string path, string[] tasks, RulerSettings settings, CancellationToken cancellationToken)
    {
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder)
            Directory.CreateDirectory(folder);
        var made = new SortedDictionary<string, List<int>>(StringComparer.Ordinal);
        try
        {
            await using (var writer = new StreamWriter(path + ".part"))
            {
                foreach (var sample in RulerGenerator.Make(tasks, settings, cancellationToken))
                {
                    (made.TryGetValue(sample.Task, out var lengths) ? lengths : made[sample.Task] = []).Add(sample.Length);
                    await writer.WriteLineAsync(JsonSerializer.Serialize(
                        new { index = sample.Index, task = sample.Task, input = sample.Input, outputs = sample.Outputs, length = sample.Length, answer_prefix = sample.AnswerPrefix }, Plain).AsMemory(), cancellationToken);
                }
            }

            File.Move(path + ".part", path);
        }
        finally
        {
            File.Delete(path + ".part");
        }

        foreach (var (task, lengths) in made)
            Console.WriteLine($"{task}: {lengths.Count} samples of {lengths.Min()} to {lengths.Max()} tokens");
        Console.WriteLine($"{path}: written");
    }

    private static Option<string?> Source(string name, string description) => new(name) { Description = description, HelpName = "file", CustomParser = OptionValues.FileName };

    private static string TokenizerFile(string name)
    {
        var path = Directory.Exists(name) ? Path.Combine(name, "tokenizer.json") : name;
        return File.Exists(path) ? path : throw new WrongInputException($"--tokenizer: found no file '{path}', expected a tokenizer.json or a folder with one");
    }
}
