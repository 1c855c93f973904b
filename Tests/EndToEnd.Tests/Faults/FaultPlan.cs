using Sweep.Contracts.Plans;

namespace Sweep.EndToEnd.Tests.Faults;

/// <summary>About eight seconds of work in many small micro-batches; its files are named from the repository's root, which is the silos' root too.</summary>
internal static class FaultPlan
{
    private const string Name = "faults";

    /// <summary>The same work under another name, so another sweep of the same jobs.</summary>
    public static string Text(string name = Name) => $$"""
        name: {{name}}
        models: [models/mamba-mini-planted]
        benchmarks:
          - { name: triviaqa, data: benchmarks/mini/triviaqa.json, items: 40 }
          - { name: text, data: benchmarks/mini/text.jsonl, items: 12 }
        bottlenecks:
          - { name: planted, layer: 8, channels: [7, 15, 26, 39, 65, 72, 79, 92, 95, 112, 113, 135, 152, 153, 176, 185] }
          - { name: low, layer: 5, random: 8, seeds: [3] }
        scalars: [0.05, 0.5, 3]
        controls: { random: 2 }
        decoding: { max_new_tokens: 8 }
        """;

    public static SweepPlan Plan(string name = Name) => PlanReader.Read(Text(name), "faults.yaml");

    /// <summary>A search whose first stage takes some seconds, as does what follows.</summary>
    public static string SearchText(string name = Name) => $$"""
        name: {{name}}
        models: [models/mamba-mini-planted]
        benchmarks:
          - { name: triviaqa, data: benchmarks/mini/triviaqa.json, items: 48 }
        bottlenecks:
          - { name: planted, layer: 8, channels: [7, 15, 26, 39, 65, 72, 79, 92, 95, 112, 113, 135, 152, 153, 176, 185] }
          - { name: low, layer: 5, random: 8, seeds: [3] }
        scalars: [0.05, 0.2, 0.5, 0.8, 2, 3]
        search: { method: screening, items: 24 }
        controls: { random: 3 }
        decoding: { max_new_tokens: 4 }
        """;

    public static SweepPlan Search(string name = Name) => PlanReader.Read(SearchText(name), "faults.yaml");

    /// <summary>What the export of the plan must be under another name, given what it is under its own.</summary>
    public static string Renamed(string export, string name) => Renamed(export, name, Plan(), Plan(name));

    /// <summary>The same of the search, which also names its first stage.</summary>
    public static string SearchRenamed(string export, string name) =>
        Renamed(Renamed(export, name, Search(), Search(name)), name, SearchStages.Before(Search())!, SearchStages.Before(Search(name))!);

    private static string Renamed(string export, string name, SweepPlan from, SweepPlan to) => export
        .Replace(SweepIds.Of(from), SweepIds.Of(to), StringComparison.Ordinal)
        .Replace($"\"name\": \"{Name}\"", $"\"name\": \"{name}\"", StringComparison.Ordinal);
}
