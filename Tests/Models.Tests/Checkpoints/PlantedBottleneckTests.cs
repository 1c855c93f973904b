using Sweep.Models.Checkpoints;
using Sweep.Tests;
using Xunit;

namespace Sweep.Models.Tests.Checkpoints;

public sealed class PlantedBottleneckTests
{
    /// <summary>The shipped planted model is what the command makes from the shipped model.</summary>
    [Fact]
    public void Plant_TheShippedSeed_GivesTheShippedBytes()
    {
        var shipped = Fixtures.Shipped("models", "mamba-mini-planted");
        using var folder = new TemporaryFolder();
        PlantedBottleneck.Plant(Fixtures.Shipped("models", "mamba-mini"), folder.Path, layer: 8, count: 16, factor: 20, seed: 1);
        foreach (var name in (string[])["model.safetensors", "planted.json", "config.json", "tokenizer.json"])
            Assert.True(File.ReadAllBytes(Path.Combine(folder.Path, name)).AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(shipped, name))), name);
    }
}
