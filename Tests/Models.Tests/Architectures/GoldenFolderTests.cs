using Sweep.Models.Checkpoints;
using Sweep.Tests;
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
        var report = ModelCheck.Run(Fixtures.Golden(name), cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(14, report.Entries.Count);
        Assert.All(report.Entries, entry => Assert.True(entry.Passed, $"{entry.Name}: {entry.Difference} {entry.Detail}"));
    }
}
