using Sweep.Models.Checkpoints;
using Sweep.Models.Tests.Mamba;
using Xunit;

namespace Sweep.Models.Tests.Architectures;

/// <summary>What transformers computed in float64 with a tiny model of each architecture, where the machine has it.</summary>
public sealed class GoldenFolderTests
{
    [Theory]
    [InlineData("mamba-0")]
    [InlineData("mamba2-0")]
    [InlineData("falcon_mamba-0")]
    public void ModelCheck_GoldenFolder_AgreesInEveryEntry(string name)
    {
        var folder = GoldenFiles.Find($"golden/{name}");
        Assert.SkipWhen(folder is null, $"no golden/{name} under $SWEEP_DATA or a folder shared above the repository");

        var report = ModelCheck.Run(folder!, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(14, report.Entries.Count);
        Assert.All(report.Entries, entry => Assert.True(entry.Passed, $"{entry.Name}: {entry.Difference} {entry.Detail}"));
    }
}
