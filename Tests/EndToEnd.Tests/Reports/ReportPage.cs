using Sweep.EndToEnd.Tests.Processes;
using Sweep.EndToEnd.Tests.Stores;
using Sweep.Tests;

namespace Sweep.EndToEnd.Tests.Reports;

/// <summary>What `sweep report` writes of a real sweep, made once for all tests of the page.</summary>
public sealed class ReportPage(TinyRun run) : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly SemaphoreSlim _writing = new(1, 1);

    public void Dispose()
    {
        _folder.Dispose();
        _writing.Dispose();
    }

    /// <summary>Its path.</summary>
    internal async Task<string> PathAsync()
    {
        var path = Path.Combine(_folder.Path, "report.html");
        await _writing.WaitAsync();
        try
        {
            if (!File.Exists(path))
            {
                await run.ReadyAsync();
                (await CliProcess.RunAsync(run.Folder, "report", "--latest", "--out", path)).Expect(0);
            }
        }
        finally
        {
            _writing.Release();
        }

        return path;
    }
}
