using Sweep.EndToEnd.Tests.Processes;
using Sweep.Tests;

namespace Sweep.EndToEnd.Tests.Stores;

/// <summary>A sweep of some seconds in a SQLite file, made when a test first asks.</summary>
public sealed class TinyRun : IDisposable
{
    /// <summary>(job, item) pairs: the baseline, a bottleneck and a control at three scalars each; two measures of triviaqa, one of text.</summary>
    public const int Rows = 7 * ((2 * 12) + 6);

    private readonly TemporaryFolder _folder = new();
    private readonly Lazy<Task> _run;

    public TinyRun() => _run = new Lazy<Task>(async () =>
    {
        _folder.Write("plan.yaml", $$"""
            name: tiny
            models: ['{{Fixtures.Shipped("models", "mamba-mini-planted")}}']
            benchmarks:
              - { name: triviaqa, data: '{{SmallPlan.Benchmark("triviaqa.json")}}', items: 12 }
              - { name: text, data: '{{SmallPlan.Benchmark("text.jsonl")}}', items: 6 }
            bottlenecks:
              - { name: planted, layer: 8, channels: [7, 15, 26, 39] }
            scalars: [0.05, 0.5, 3]
            controls: { random: 1 }
            decoding: { max_new_tokens: 4 }
            """);
        (await CliProcess.RunAsync(Folder, "run", "plan.yaml")).Expect(0);
    });

    internal string Folder => _folder.Path;

    internal string Store => Path.Combine(Folder, ".sweep", "sweep.db");

    public void Dispose() => _folder.Dispose();

    internal Task ReadyAsync() => _run.Value;
}
