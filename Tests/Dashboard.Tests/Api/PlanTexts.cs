namespace Sweep.Dashboard.Tests.Api;

internal static class PlanTexts
{
    /// <summary>Valid; tests change one word of it.</summary>
    public const string Valid = """
        name: trial
        models: [models/mini]
        benchmarks:
          - name: squad
            data: data/squad.json
        bottlenecks:
          - name: planted
            layer: 8
            channels: [3, 5]
        scalars: [0.5, 1, 2]
        """;
}
