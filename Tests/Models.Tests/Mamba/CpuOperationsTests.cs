using Sweep.Models.Mamba;
using Sweep.Models.Tests.Cuda;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Sweep.Models.Tests.Mamba;

public sealed class CpuOperationsTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly int _threads = get_num_threads();

    public void Dispose()
    {
        set_num_threads(_threads);
        _scope.Dispose();
    }

    /// <summary>The projections of the shipped and of published models: a row's bits are its own, for any number of rows around it and of threads.</summary>
    [Theory]
    [InlineData(192, 768)]
    [InlineData(384, 44)]
    [InlineData(12, 384)]
    [InlineData(768, 3072)]
    [InlineData(1536, 80)]
    [InlineData(48, 1536)]
    [InlineData(1536, 768)]
    [InlineData(5120, 192)]
    public void Linear_AnyRowsAndThreads_GivesARowTheSameBits(int inputs, int outputs)
    {
        TestDevice.RequireOwnLibTorch();
        const int most = 300;
        var operations = new CpuOperations();
        var weight = LinearWeight.Of(randn(outputs, inputs), randn(outputs));
        var x = randn(most, inputs);
        set_num_threads(1);
        var expected = operations.Linear(x, weight);
        Assert.Equal([most, outputs], expected.shape);
        Assert.InRange((expected - nn.functional.linear(x, weight.Matrix, weight.Bias).narrow(1, 0, outputs)).abs().max().item<float>(), 0, 1e-3);
        foreach (var threads in (int[])[1, 2, 4])
        {
            set_num_threads(threads);
            foreach (var rows in (int[])[1, 2, 15, 16, 17, 33, 64, 129, most])
            {
                foreach (var first in (int[])[0, most - rows])
                    Assert.True(operations.Linear(x.narrow(0, first, rows), weight).BitEquals(expected.narrow(0, first, rows)), $"{rows} rows from {first}, {threads} threads");
            }
        }
    }

    [Fact]
    public void Gather_RowsOfAView_AreTheirCopies()
    {
        var source = randn(4, 5, 12);
        Assert.True(new CpuOperations().Gather(source, [3, 0, 0]).BitEquals(source.index_select(0, tensor(new long[] { 3, 0, 0 }))));
        var view = source.narrow(2, 4, 6);
        Assert.True(new CpuOperations().Gather(view, [2, 1]).BitEquals(view.index_select(0, tensor(new long[] { 2, 1 }))));
    }
}
