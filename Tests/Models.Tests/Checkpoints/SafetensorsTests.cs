using System.Buffers.Binary;
using System.Text;
using CsCheck;
using Sweep.Models.Checkpoints;
using Sweep.Tests;
using TorchSharp;
using Xunit;

namespace Sweep.Models.Tests.Checkpoints;

public sealed class SafetensorsTests
{
    [Fact]
    public void WriteThenOpen_AllDtypes_GivesTheTensorsBack()
    {
        using var folder = new TemporaryFolder();
        using var scope = torch.NewDisposeScope();
        var path = Path.Combine(folder.Path, "t.safetensors");
        var tensors = new Dictionary<string, torch.Tensor>
        {
            ["b"] = torch.randn(3, 5),
            ["a"] = torch.arange(7, torch.int64),
            ["half"] = torch.randn(2, 2).to(torch.float16),
            ["brain"] = torch.randn(4).to(torch.bfloat16),
            ["empty"] = torch.empty(0, 3),
        };
        SafetensorsWriter.Write(path, tensors, new Dictionary<string, string> { ["format"] = "pt" });
        using var file = SafetensorsFile.Open(path);
        Assert.Equal(tensors.Keys.Order(StringComparer.Ordinal), file.Tensors.Keys.Order(StringComparer.Ordinal));
        Assert.Equal("pt", file.Metadata["format"]);
        foreach (var (name, tensor) in tensors)
        {
            var found = file.ReadTensor(name);
            Assert.Equal(tensor.dtype, found.dtype);
            Assert.Equal(tensor.shape, found.shape);
            Assert.True(tensor.equal(found).all().item<bool>());
        }
    }

    public static TheoryData<string, string> BrokenHeaders => new()
    {
        { """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,9]}}""", "data_offsets" },
        { """{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", "12 for F32" },
        { """{"a":{"dtype":"F99","shape":[2],"data_offsets":[0,8]}}""", "dtype F99" },
        { """{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}""", "-2" },
        { """{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,8]}}""", "shape" },
        { """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}}""", "overlap" },
        { """{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", "hole" },
        { """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", "8 bytes" },
        { """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", "twice" },
        { """{"a":{"dtype":"F32","shape":[2]}}""", "missing" },
        { """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":1}}""", "'x'" },
        { """{"a":[[[[[[[[[[[[]]]]]]]]]]]]}""", "JSON" },
        { """["a"]""", "array" },
        { "{", "JSON" },
    };

    [Theory]
    [MemberData(nameof(BrokenHeaders))]
    public void Open_BrokenHeader_NamesWhatIsWrong(string header, string expected)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("broken.safetensors", File8(header));
        var refused = Assert.Throws<InvalidCheckpointException>(() => SafetensorsFile.Open(path).Dispose());
        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
        Assert.StartsWith(path, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_HeaderLengthBeyondTheFile_IsRefused()
    {
        using var folder = new TemporaryFolder();
        var bytes = new byte[16];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, ulong.MaxValue);
        Assert.Contains("header length", Assert.Throws<InvalidCheckpointException>(() => SafetensorsFile.Open(folder.Write("x", bytes)).Dispose()).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidCheckpointException>(() => SafetensorsFile.Open(folder.Write("y", new byte[7])).Dispose());
    }

    [Fact]
    public void Open_MutatedFiles_LoadOrAreRefusedNeverCrash()
    {
        using var folder = new TemporaryFolder();
        using var scope = torch.NewDisposeScope();
        var path = Path.Combine(folder.Path, "valid.safetensors");
        SafetensorsWriter.Write(path, new Dictionary<string, torch.Tensor> { ["one"] = torch.randn(3, 4), ["two"] = torch.randn(5).to(torch.bfloat16) });
        var valid = File.ReadAllBytes(path);
        var next = 0;
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, valid.Length - 1], Gen.Byte, Gen.Int[0, valid.Length - 1]).Sample((kind, at, value, other) =>
        {
            var bytes = kind switch
            {
                0 => [.. valid[..at], value, .. valid[(at + 1)..]],
                1 => valid[..at],
                2 => [.. valid, value],
                _ => [.. valid[..Math.Min(at, other)], .. valid[Math.Max(at, other)..]],
            };
            var mutant = folder.Write($"mutant-{Interlocked.Increment(ref next)}", bytes);
            try
            {
                using var file = SafetensorsFile.Open(mutant);
                foreach (var name in file.Tensors.Keys)
                    file.ReadTensor(name).Dispose();
            }
            catch (InvalidCheckpointException refused)
            {
                Assert.Contains(mutant, refused.Message, StringComparison.Ordinal);
            }

            File.Delete(mutant);
        }, iter: 2000);
    }

    private static byte[] File8(string header)
    {
        var json = Encoding.UTF8.GetBytes(header);
        var bytes = new byte[8 + json.Length + 8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, (ulong)json.Length);
        json.CopyTo(bytes, 8);
        return bytes;
    }
}
