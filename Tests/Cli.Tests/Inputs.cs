using Sweep.Tests;

namespace Sweep.Cli.Tests;

/// <summary>A folder with a plan that works, and with all that it names.</summary>
internal sealed class Inputs : IDisposable
{
    public const string Plan = """
        name: broken
        models: [model]
        benchmarks:
          - { name: squad, data: squad.json, items: 4 }
        bottlenecks:
          - { name: one, layer: 8, channels: [3, 5] }
        scalars: [0.5, 2]
        controls: off
        """;

    private readonly TemporaryFolder _folder = new();

    public Inputs()
    {
        CopyModel("model", "mamba-mini");
        foreach (var name in (string[])["squad.json", "triviaqa.json", "text.jsonl"])
            File.Copy(Fixtures.Shipped("benchmarks", "mini", name), At(name));
        _folder.Write("empty-gold.json", """{"version": "1.1", "data": [{"title": "t", "paragraphs": [{"context": "c", "qas": [{"id": "1", "question": "q", "answers": [{"text": "", "answer_start": 0}]}]}]}]}""");
        _folder.Write("plan.yaml", Plan);
    }

    public string At(string name) => Path.Combine(_folder.Path, name);

    public string Write(string name, string content) => _folder.Write(name, content);

    /// <summary>A command line whose words that begin with ./ name what is in this folder.</summary>
    public string[] Words(string command) => [.. command.Split(' ').Select(word => word.StartsWith("./", StringComparison.Ordinal) ? At(word[2..]) : word == "''" ? "" : word)];

    public void CopyModel(string folder, string shipped, params string[] without)
    {
        Directory.CreateDirectory(At(folder));
        foreach (var file in Directory.EnumerateFiles(Fixtures.Shipped("models", shipped)).Where(file => !without.Contains(Path.GetFileName(file))))
            File.Copy(file, Path.Combine(At(folder), Path.GetFileName(file)));
    }

    public void Dispose() => _folder.Dispose();
}
