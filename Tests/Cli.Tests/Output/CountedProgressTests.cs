using Microsoft.Extensions.Time.Testing;
using Sweep.Cli.Output;
using Sweep.Execution.Identification;
using Xunit;

namespace Sweep.Cli.Tests.Output;

public sealed class CountedProgressTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly StringWriter _output = new();

    [Fact]
    public void Report_OnATerminal_RewritesTheLineWithTheTimeLeft()
    {
        var progress = Progress(terminal: true);

        Report(progress, 1, seconds: 10);
        Report(progress, 3, seconds: 8);
        Report(progress, 4, seconds: 0);
        progress.End();

        Assert.Equal("\ridentify: 1/4 items\ridentify: 3/4 items, 0:04 left\ridentify: 4/4 items           " + Environment.NewLine, _output.ToString());
    }

    [Fact]
    public void Report_Elsewhere_WritesALineEveryFiveSecondsAndTheLast()
    {
        var progress = Progress(terminal: false);

        for (var done = 1; done <= 5; done++)
            Report(progress, done, seconds: 2, total: 5);
        progress.End();

        Assert.Equal(["identify: 1/5 items", "identify: 4/5 items, 0:02 left", "identify: 5/5 items"], _output.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries));
    }

    private CountedProgress Progress(bool terminal) => new("identify", _output, _time, terminal);

    private void Report(CountedProgress progress, int done, int seconds, int total = 4)
    {
        _time.Advance(TimeSpan.FromSeconds(seconds));
        progress.Report(new IdentifyProgress("items", done, total));
    }
}
