using Sweep.Contracts.Jobs;

namespace Sweep.Execution.Tests;

public sealed class NumericsTests
{
    [Fact]
    public void Of_ADevice_IsItsKindAndEngine()
    {
        Assert.Equal((Numerics.Cpu, Numerics.Cuda), (Numerics.Of("cpu:0", null), Numerics.Of("cuda:1", null)));
        Assert.False(NumericsIds.DependOnPacking(Numerics.Cpu));
        Assert.True(NumericsIds.DependOnPacking(Numerics.Cuda));
    }

    /// <summary>Another libtorch's products give a row other bits in other company: other numerics, whose rows are recorded with their pairs.</summary>
    [Fact]
    public void Of_AProcessorWithALibtorchOfOthers_SaysWhich()
    {
        var found = Numerics.Of("cpu:0", 0x1dd0c3f8);
        Assert.Equal(("cpu/1+1dd0c3f8", "cpu", true), (found, NumericsIds.KindOf(found), NumericsIds.DependOnPacking(found)));
        Assert.Equal(Numerics.Cuda, Numerics.Of("cuda:0", 0x1dd0c3f8));
    }
}
