using Sweep.EndToEnd.Tests.Processes;
using Sweep.Tests;

namespace Sweep.EndToEnd.Tests;

/// <summary>The small plan run once, by one worker, without a disturbance; made when a test first asks.</summary>
public sealed class UndisturbedRun : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Lazy<Task> _run;

    public UndisturbedRun() => _run = new Lazy<Task>(async () =>
    {
        SmallPlan.Write(_folder);
        (await CliProcess.RunAsync(Folder, "run", "plan.yaml")).Expect(0);
    });

    internal string Folder => _folder.Path;

    internal string Store => Path.Combine(Folder, ".sweep", "sweep.db");

    public void Dispose() => _folder.Dispose();

    internal Task ReadyAsync() => _run.Value;

    internal async Task<CliOutcome> ExportAsync() => (await CliProcess.RunAsync(Folder, "export", "--latest", "--format", "json")).Expect(0);
}
