using Sweep.Models.Checkpoints;
using Sweep.Tests;
using Xunit;

namespace Sweep.Models.Tests.Checkpoints;

public sealed class PlantedBottleneckTests : IDisposable
{
    private const int Layer = 8, Count = 16;
    private const ulong Seed = 1;
    private const double Factor = 20;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Make_ShippedArguments_GivesTheShippedBytes()
    {
        var target = _folder.File("planted");
        PlantedBottleneck.Make(ShippedFiles.Mini, target, Layer, Count, Seed, Factor);
        Assert.Equal(Names(ShippedFiles.Planted), Names(target));
        Assert.All(Names(target), name => Assert.Equal(File.ReadAllBytes(Path.Combine(ShippedFiles.Planted, name!)), File.ReadAllBytes(Path.Combine(target, name!))));
    }

    [Fact]
    public void Make_ShippedArguments_ChangesTheNamedRowsOnly()
    {
        var planted = PlantedBottleneck.Read(ShippedFiles.Planted)!;
        Assert.Equal((Layer, Count, Seed, Factor), (planted.Layer, planted.Channels.Count, planted.Seed, planted.Factor));
        using var before = CheckpointFolder.Open(ShippedFiles.Mini);
        using var after = CheckpointFolder.Open(ShippedFiles.Planted);
        Assert.Equal(before.WeightsHash, planted.SourceWeightsHash);
        Assert.NotEqual(before.WeightsHash, after.WeightsHash);
        Assert.Equal(before.TokenizerHash, after.TokenizerHash);
        var (old, made) = (before.LoadTensors(), after.LoadTensors());
        foreach (var (name, tensor) in old)
        {
            using var expected = tensor.clone();
            Assert.Equal(tensor.dtype, made[name].dtype);
            if (name == "backbone.layers.8.mixer.out_proj.weight")
            {
                // The same product in torch's own bf16 arithmetic.
                foreach (var channel in planted.Channels)
                    expected[channel] = tensor[channel] * 20;
                Assert.False(tensor.eq(made[name]).all().item<bool>());
            }

            Assert.True(expected.eq(made[name]).all().item<bool>(), name);
        }

        foreach (var tensor in old.Values.Concat(made.Values))
            tensor.Dispose();
    }

    [Theory]
    [InlineData(12, 16, 20, "layer: found 12, expected 0 to 11")]
    [InlineData(-1, 16, 20, "layer: found -1")]
    [InlineData(8, 0, 20, "count of channels: found 0, expected 1 to 192")]
    [InlineData(8, 193, 20, "count of channels: found 193")]
    [InlineData(8, 16, 0, "factor: found 0")]
    [InlineData(8, 16, double.NaN, "factor: found NaN")]
    public void Make_ArgumentsThatDoNotFit_AreRefusedAndLeaveNothing(int layer, int count, double factor, string message)
    {
        var target = _folder.File("planted");
        var error = Assert.Throws<InvalidCheckpointException>(() => PlantedBottleneck.Make(ShippedFiles.Mini, target, layer, count, Seed, factor));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void Make_ProductThatOverflows_IsRefusedAndLeavesNothing()
    {
        var config = CheckpointFolderTests.Config(bias: true);
        var source = Directory.CreateDirectory(_folder.File("source")).FullName;
        File.WriteAllText(Path.Combine(source, "config.json"), CheckpointFolderTests.Json(config));
        var large = BitConverter.GetBytes(3f);
        var tensors = CheckpointFolderTests.Tensors(config).Select(tensor => tensor.Name == MambaShapes.OutProjection(1)
            ? SafetensorsSource.Of(tensor.Name, tensor.Dtype, tensor.Shape, Enumerable.Range(0, 8 * 16).SelectMany(_ => large).ToArray()) : tensor);
        SafetensorsWriter.Write(Path.Combine(source, "model.safetensors"), tensors);
        var error = Assert.Throws<InvalidCheckpointException>(() => PlantedBottleneck.Make(source, _folder.File("planted"), 1, 2, Seed, 3e38));
        Assert.Contains("times 3E+38 leaves the finite numbers of F32", error.Message, StringComparison.Ordinal);
        Assert.Equal([source], Directory.GetFileSystemEntries(_folder.Path));
        PlantedBottleneck.Make(source, _folder.File("planted"), 1, 8, Seed, 2);
        using var made = SafetensorsFile.Open(Path.Combine(_folder.File("planted"), "model.safetensors"));
        using var before = SafetensorsFile.Open(Path.Combine(source, "model.safetensors"));
        using var bias = made.ReadTensor("backbone.layers.1.mixer.out_proj.bias");
        using var oldBias = before.ReadTensor("backbone.layers.1.mixer.out_proj.bias");
        Assert.Equal(oldBias.data<float>().Select(value => value * 2), bias.data<float>());
    }

    [Fact]
    public void Make_TargetInUse_IsRefused()
    {
        File.WriteAllText(_folder.File("x"), "");
        Assert.Contains("expected a new or empty folder", Assert.Throws<InvalidCheckpointException>(() => PlantedBottleneck.Make(ShippedFiles.Mini, _folder.Path, 8, 16, 1, 20)).Message, StringComparison.Ordinal);
    }

    /// <summary>First numbers of the published reference implementation for these seeds.</summary>
    [Theory]
    [InlineData(0UL, new[] { 0xE220A8397B1DCDAFUL, 0x6E789E6AA1B965F4UL, 0x06C45D188009454FUL })]
    [InlineData(1234567UL, new[] { 6457827717110365317UL, 3203168211198807973UL, 9817491932198370423UL })]
    public void Next_KnownSeeds_GivesTheReferenceNumbers(ulong seed, ulong[] expected)
    {
        var generator = new SplitMix64(seed);
        Assert.Equal(expected, expected.Select(_ => generator.Next()));
    }

    [Fact]
    public void Choose_AnySeed_GivesDistinctAscendingNumbersAllLikely()
    {
        var hits = new int[10];
        for (ulong seed = 0; seed < 3000; seed++)
        {
            var chosen = new SplitMix64(seed).Choose(3, 10);
            Assert.True(chosen is [>= 0, _, <= 9] && chosen[0] < chosen[1] && chosen[1] < chosen[2]);
            foreach (var number in chosen)
                hits[number]++;
        }

        // Each number is expected 900 times, with a standard deviation of 25.
        Assert.All(hits, count => Assert.InRange(count, 775, 1025));
    }

    [Theory]
    [InlineData(SafetensorsDtype.F32)]
    [InlineData(SafetensorsDtype.F16)]
    [InlineData(SafetensorsDtype.BF16)]
    public void Scale_AnyDtype_RoundsAsTorchDoes(SafetensorsDtype dtype)
    {
        using var scope = TorchSharp.torch.NewDisposeScope();
        var values = (TorchSharp.torch.arange(-300, 300, TorchSharp.torch.ScalarType.Float32) / 7).to(dtype.ToTorch());
        foreach (var factor in (float[])[20, 0.05f, 1, -3.3f])
        {
            var path = _folder.File("values");
            var bytes = Bytes(values);
            Assert.True(RowScaling.Scale(bytes, dtype, factor));
            SafetensorsWriter.Write(path, [SafetensorsSource.Of("v", dtype, [600], bytes)]);
            using var file = SafetensorsFile.Open(path);
            var expected = (values.to(TorchSharp.torch.ScalarType.Float32) * factor).to(dtype.ToTorch());
            Assert.True(file.ReadTensor("v").eq(expected).all().item<bool>());
        }
    }

    private static byte[] Bytes(TorchSharp.torch.Tensor values) => values.dtype switch
    {
        TorchSharp.torch.ScalarType.Float32 => [.. values.data<float>().SelectMany(BitConverter.GetBytes)],
        TorchSharp.torch.ScalarType.Float16 => [.. values.to(TorchSharp.torch.ScalarType.Float32).data<float>().SelectMany(value => BitConverter.GetBytes((Half)value))],
        _ => [.. values.to(TorchSharp.torch.ScalarType.Float32).data<float>().SelectMany(value => BitConverter.GetBytes((ushort)(BitConverter.SingleToUInt32Bits(value) >> 16)))],
    };

    private static IEnumerable<string?> Names(string folder) => Directory.GetFiles(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal);
}
