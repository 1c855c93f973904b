namespace Sweep.Dashboard.Pages.Submit;

/// <summary>Plans that a new one can begin with: those of a folder, and a small one of our own.</summary>
internal sealed class PlanTemplates(SweepDashboardOptions options)
{
    private const int MostBytes = 256 << 10;

    public const string Blank = """
        name: my-sweep
        models:
          - models/mamba-mini
        benchmarks:
          - { name: squad, data: benchmarks/mini/squad.json, items: 24 }
        bottlenecks:
          - { name: layer-6, layer: 6, top: 16, by: variance }
        scalars: [0.5, 1, 2]
        controls: { random: 4 }
        calibration: { data: benchmarks/mini/text.jsonl, half: calibration, documents: 50 }
        """;

    /// <summary>File names, in order.</summary>
    public IReadOnlyList<string> Names => options.TemplatesFolder is { } folder && Directory.Exists(folder)
        ? [.. Directory.EnumerateFiles(folder, "*.yaml").Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)]
        : [];

    /// <summary>Null: there is none of this name.</summary>
    public async Task<string?> ReadAsync(string name, CancellationToken cancellationToken)
    {
        if (!Names.Contains(name, StringComparer.Ordinal))
            return null;
        var file = new FileInfo(Path.Combine(options.TemplatesFolder!, name));
        return file.Length <= MostBytes ? await File.ReadAllTextAsync(file.FullName, cancellationToken) : null;
    }
}
