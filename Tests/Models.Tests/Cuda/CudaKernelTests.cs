using Sweep.Models.Cuda;
using Sweep.Models.Kernels;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Sweep.Models.Tests.Cuda;

/// <summary>Every kernel against its oracle on the processor, on inputs that hold what the dtype can: the error is what the kernel's own arithmetic and one rounding of its result make.</summary>
[Trait("Device", "cuda")]
public sealed class CudaKernelTests : IDisposable
{
    private readonly Device _device = TestDevice.Cuda();
    private readonly DisposeScope _scope = NewDisposeScope();

    public CudaKernelTests() => CudaContext.Of(0).Enter();

    public static TheoryData<ScalarType> Dtypes => [ScalarType.Float32, ScalarType.BFloat16, ScalarType.Float16];

    public static TheoryData<ScalarType, int, int, int, int> Shapes
    {
        get
        {
            TheoryData<ScalarType, int, int, int, int> shapes = [];
            foreach (var row in Dtypes)
            {
                shapes.Add(row.Data, 3, 37, 40, 5);
                shapes.Add(row.Data, 2, 64, 33, 8);
                shapes.Add(row.Data, 1, 200, 96, 16);
                shapes.Add(row.Data, 70, 33, 1536, 16);
                shapes.Add(row.Data, 5, 1, 130, 16);
                shapes.Add(row.Data, 300, 9, 131, 16);
                shapes.Add(row.Data, 600, 9, 130, 32);
                shapes.Add(row.Data, 2, 40, 64, 1);
                shapes.Add(row.Data, 2, 19, 31, 24);
                shapes.Add(row.Data, 2, 65, 48, 32);
                shapes.Add(row.Data, 3, 17, 36, 64);
                shapes.Add(row.Data, 2, 21, 34, 128);
            }

            return shapes;
        }
    }

    public void Dispose() => _scope.Dispose();

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Scan_AnyShapeAndPadding_AgreesWithTheOracle(ScalarType dtype, int rows, int length, int width, int states)
    {
        manual_seed(rows + length);
        Tensor Stored(params long[] shape) => randn(shape).to(dtype).to(float32);
        var (h, raw, z, bc) = (Stored(rows, length, 2 * width).narrow(2, 0, width), Stored(rows, length, width), Stored(rows, length, width), Stored(rows, length, 2 * states + 3));
        var (b, c) = (bc.narrow(2, 3, states), bc.narrow(2, 3 + states, states));
        var (a, d, state) = (-rand(width, states) * 8, randn(width), randn(rows, width, states));
        var (deltaScale, outputScale, gateScale) = (rand(rows, width), rand(rows, width) * 2, rand(rows, width) * 2);
        var spans = Spans(rows, length);
        var expectedState = state.clone();
        var delta = nn.functional.softplus(raw, 1, 20);
        var y = SelectiveScan.Reference(h, delta * deltaScale.unsqueeze(1), a, b, c, d, expectedState, spans);
        var expected = y * outputScale.unsqueeze(1) * (nn.functional.silu(z) * gateScale.unsqueeze(1));

        var kernels = Kernels(dtype);
        Tensor There(Tensor x) => x.to(dtype).to(_device);
        var found = state.transpose(1, 2).contiguous().to(_device);
        var wide = There(bc);
        var inputs = new ScanInputs
        {
            H = There(h),
            Delta = There(raw),
            A = a.t().contiguous().to(_device),
            B = wide.narrow(2, 3, states),
            C = wide.narrow(2, 3 + states, states),
            D = d.to(_device),
            Z = There(z),
            State = found,
            DeltaScale = deltaScale.to(_device),
            OutputScale = outputScale.to(_device),
            GateScale = gateScale.to(_device),
        };
        using var tables = new DeviceTables(_device);
        var result = kernels.Scan(inputs, tables.Spans(spans));
        Assert.Equal(dtype, result.dtype);
        Close(expected, result, dtype, "output");
        Close(expectedState, found.transpose(1, 2), ScalarType.Float32, "state");

        // Step by step, as where a site between is looked at: the same bits.
        var stepState = state.transpose(1, 2).contiguous().to(_device);
        var plain = inputs with { DeltaScale = null, OutputScale = null, GateScale = null };
        var fused = kernels.Scan(plain with { State = state.transpose(1, 2).contiguous().to(_device) }, null);
        var stepwise = kernels.Multiply(kernels.Scan(plain with { Delta = kernels.Softplus(plain.Delta), DeltaIsActivated = true, Z = null, State = stepState }, null), kernels.Silu(plain.Z!));
        Assert.True(fused.equal(stepwise).all().item<bool>());
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Convolve_AnyShapeAndPadding_AgreesWithTheOracle(ScalarType dtype, int rows, int length, int width, int states)
    {
        manual_seed(rows + length);
        var taps = states % 3 + 2;
        Tensor Stored(params long[] shape) => randn(shape).to(dtype).to(float32);
        var (h, weight, bias, state) = (Stored(rows, length, 2 * width), Stored(width, taps), Stored(width), Stored(rows, width, taps));
        var spans = Spans(rows, length);
        var expectedState = state.clone();
        var expected = CausalConvolution.Reference(h.narrow(2, width, width), weight, bias, expectedState, spans);
        var found = state.transpose(1, 2).contiguous().to(dtype).to(_device);
        using var tables = new DeviceTables(_device);
        var result = Kernels(dtype).Convolve(
            h.to(dtype).to(_device).narrow(2, width, width), weight.t().contiguous().to(dtype).to(_device), bias.to(dtype).to(_device), found, tables.Spans(spans));
        Close(expected, result, dtype, "output");
        Assert.True(found.cpu().to(float32).transpose(1, 2).equal(expectedState).all().item<bool>(), "the state holds the last inputs");
    }

    [Theory]
    [InlineData(ScalarType.Float32, ScalarType.Float32, 20)]
    [InlineData(ScalarType.BFloat16, ScalarType.Float32, 768)]
    [InlineData(ScalarType.BFloat16, ScalarType.BFloat16, 33)]
    [InlineData(ScalarType.Float16, ScalarType.Float32, 2560)]
    public void Add_ResidualNormAndLookOut_AgreeWithTheReference(ScalarType dtype, ScalarType residualDtype, int width)
    {
        const int rows = 4, length = 9;
        manual_seed(width);
        var residual = (randn(3, length, width) * 3).to(residualDtype).to(float32);
        var mixed = randn(rows, length, width).to(dtype).to(float32);
        var weight = randn(width).to(dtype).to(float32);
        int[] map = [2, 0, 0, 1];
        mixed[1, 4, width - 1] = float.NaN;
        mixed[2, 7, 0] = float.PositiveInfinity;
        mixed[3, 8, 1] = float.NaN;
        var spans = new TokenSpans([0, 0, 2, 0], [9, 9, 9, 8], length);
        var kernels = new CudaKernels(CudaContext.Of(0), _device, dtype, residualDtype);
        using var tables = new DeviceTables(_device);
        var watch = full([rows], int.MaxValue, int32).to(_device);
        var sum = kernels.New([rows, length, width], residualDtype);
        var normal = kernels.Add(
            residual.to(residualDtype).to(_device), tables.Rows(map), mixed.to(dtype).to(_device), sum, weight.to(dtype).to(_device), 1e-5, DevicePointer.Of(watch), tables.Spans(spans))!;
        var expected = (residual.index_select(0, tensor(map.Select(row => (long)row).ToArray())) + mixed).to(residualDtype).to(float32);
        Assert.True(sum.cpu().to(float32).allclose(expected, 0, 0, equal_nan: true));
        Assert.Equal([int.MaxValue, 4, 7, int.MaxValue], watch.cpu().data<int>().ToArray());
        Close(RmsNorm.Reference(expected[0], weight, 1e-5), normal[0], dtype, "norm");
        Close(RmsNorm.Reference(expected[0], weight, 1e-5), kernels.Norm(sum[0].contiguous(), weight.to(dtype).to(_device), 1e-5), dtype, "norm alone");
    }

    [Theory]
    [MemberData(nameof(Dtypes))]
    public void Gather_RowsOfAView_AreTheirCopies(ScalarType dtype)
    {
        var source = randn(4, 5, 24).to(dtype).to(_device);
        using var tables = new DeviceTables(_device);
        foreach (var view in (Tensor[])[source, source.narrow(2, 8, 8), source.narrow(2, 3, 7), source.narrow(2, 1, 1), source.select(1, 2), source.narrow(0, 1, 3)])
        {
            int[] rows = [2, 0, 0, 1, 2];
            var expected = view.cpu().to(float32).index_select(0, tensor(rows.Select(row => (long)row).ToArray()));
            Assert.True(Kernels(dtype).Gather(view, tables.Rows(rows)).cpu().to(float32).equal(expected).all().item<bool>(), string.Join(',', view.shape));
        }
    }

    [Theory]
    [MemberData(nameof(Dtypes))]
    public void Multiply_AnyShape_AgreesWithTheProduct(ScalarType dtype)
    {
        manual_seed(5);
        using var products = new MatrixProducts(CudaContext.Of(0), _device, tf32: false);
        foreach (var (rows, inputs, outputs, biased) in ((int, int, int, bool)[])[(1, 768, 3072, false), (33, 40, 16, true), (512, 1536, 80, false), (130, 48, 1536, true), (7, 3, 48, true)])
        {
            var x = randn(rows, inputs + 8).to(dtype).to(_device).narrow(1, 0, inputs);
            var weight = randn(outputs, inputs).to(dtype).to(_device);
            foreach (var result in dtype == ScalarType.Float32 ? new[] { dtype } : [dtype, ScalarType.Float32])
            {
                var bias = biased ? randn(outputs).to(result).to(_device) : null;
                var y = empty([rows, outputs], result, _device);
                products.Multiply(x, weight, bias, y);
                var expected = x.cpu().to(float64).matmul(weight.cpu().to(float64).t());
                Close((bias is null ? expected : expected + bias.cpu().to(float64)).to(float32), y, result, $"{rows} x {inputs} x {outputs} {result}");
            }
        }
    }

    /// <summary>What was chosen for a bucket's largest serves all counts of rows in it, and parts of them.</summary>
    [Fact]
    public void Multiply_RowsOfOneBucket_AreComputedAlike()
    {
        manual_seed(6);
        using var products = new MatrixProducts(CudaContext.Of(0), _device, tf32: false);
        var (x, weight) = (randn(1280, 768).to(ScalarType.BFloat16).to(_device), randn(80, 768).to(ScalarType.BFloat16).to(_device));
        var expected = x.cpu().to(float64).matmul(weight.cpu().to(float64).t()).to(float32);
        foreach (var rows in (int[])[1280, 1025, 1111, 1280, 1279])
        {
            var y = empty([rows, 80], ScalarType.BFloat16, _device);
            products.Multiply(x.narrow(0, 0, rows), weight, null, y);
            Close(expected.narrow(0, 0, rows), y, ScalarType.BFloat16, $"{rows} rows");
        }
    }

    [Theory]
    [InlineData(ScalarType.BFloat16, 768, 3072, false)]
    [InlineData(ScalarType.Float16, 1536, 768, true)]
    [InlineData(ScalarType.BFloat16, 1024, 4096, true)]
    [InlineData(ScalarType.BFloat16, 2048, 1024, false)]
    [InlineData(ScalarType.Float16, 32, 16, true)]
    public void Multiply_FewRows_AgreesWithTheProductWhateverTheCompany(ScalarType dtype, int inputs, int outputs, bool biased)
    {
        manual_seed(5);
        using var others = new MatrixProducts(CudaContext.Of(0), _device, tf32: false);
        var products = new StepProducts(Kernels(dtype), others, dtype);
        var weight = randn(outputs, inputs).to(dtype).to(_device);
        var bias = biased ? randn(outputs).to(dtype).to(_device) : null;
        var most = randn(192, inputs + 8).to(dtype).to(_device).narrow(1, 0, inputs);
        Tensor Product(int rows)
        {
            var y = full([rows, outputs], float.NaN, dtype, _device);
            Assert.True(products.TryMultiply(
                DevicePointer.Of(most), rows, inputs + 8, DevicePointer.Of(weight), outputs, inputs, DevicePointer.OrNull(bias), DevicePointer.Of(y)));
            return y;
        }

        var all = Product(192);
        var expected = most.cpu().to(float64).matmul(weight.cpu().to(float64).t());
        Close((bias is null ? expected : expected + bias.cpu().to(float64)).to(float32), all, dtype, $"{inputs} x {outputs}");
        foreach (var rows in (int[])[1, 7, 16, 33, 64, 65])
            Assert.True(Product(rows).equal(all.narrow(0, 0, rows)).all().item<bool>(), $"{rows} rows");
    }

    private static CudaKernels KernelsOn(Device device, ScalarType dtype) => new(CudaContext.Of(0), device, dtype, ScalarType.Float32);

    /// <summary>max |a − b| / max |b|: what one rounding to the dtype makes, and a few of fp32.</summary>
    private static void Close(Tensor expected, Tensor found, ScalarType dtype, string what)
    {
        var limit = dtype switch
        {
            ScalarType.Float32 => 1e-5,
            ScalarType.Float16 => 6e-4,
            _ => 4.5e-3,
        };
        var error = (found.cpu().to(float32) - expected).abs().max().item<float>() / expected.abs().max().item<float>();
        Assert.True(error <= limit, $"{what}: max|a-b| / max|b| is {error}, at most {limit} expected");
    }

    /// <summary>Rows padded on either side, one whole, one empty where there are enough.</summary>
    private static TokenSpans Spans(int rows, int length)
    {
        var random = new Random(rows * length);
        var starts = Enumerable.Range(0, rows).Select(row => row == 0 ? 0 : random.Next(length)).ToArray();
        return new(starts, [.. starts.Select((start, row) => row == 0 ? length : row == 2 ? start : random.Next(start, length + 1))], length);
    }

    private CudaKernels Kernels(ScalarType dtype) => KernelsOn(_device, dtype);
}
