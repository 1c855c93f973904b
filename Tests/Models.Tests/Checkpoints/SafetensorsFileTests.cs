using Sweep.Models.Checkpoints;
using Sweep.Tests;
using Xunit;
using static TorchSharp.torch;

namespace Sweep.Models.Tests.Checkpoints;

public sealed class SafetensorsFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Open_ValidFile_GivesTensorsMetadataAndBytes()
    {
        var path = Write(RawSafetensors.Make("""{"__metadata__":{"format":"pt"},"a":{"dtype":"I16","shape":[2],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[],"data_offsets":[4,5]}}  """, 5));
        using var file = SafetensorsFile.Open(path);
        Assert.Equal(["a", "b"], file.Tensors.Keys);
        Assert.Equal("pt", file.Metadata["format"]);
        Assert.Equal([0, 37, 74, 111], file.Bytes("a").ToArray());
        using var a = file.ReadTensor("a");
        Assert.Equal([37 << 8, (short)(111 << 8 | 74)], a.data<short>().ToArray());
        using var b = file.ReadTensor("b", ScalarType.Float32);
        Assert.Equal(148f, b.item<float>());
        Assert.Throws<InvalidCheckpointException>(() => file.ReadTensor("c"));
    }

    [Fact]
    public void Bytes_OutsideTensor_Throws()
    {
        using var file = SafetensorsFile.Open(Write(RawSafetensors.Make("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""", 4)));
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Bytes("a", 0, 5).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Bytes("a", 5).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Bytes("a", -1).Length);
        Assert.Equal(0, file.Bytes("a", 4).Length);
        file.Dispose();
        Assert.Throws<ObjectDisposedException>(() => file.Bytes("a").Length);
    }

    [Theory]
    [InlineData("""{"a":{"dtype":"F8","shape":[4],"data_offsets":[0,4]}}""", 4, "tensor 'a': found dtype 'F8', expected one of F64, F32, F16, BF16, I64, I32, I16, I8, U8, BOOL")]
    [InlineData("""{"a":{"dtype":"U8","shape":[-4],"data_offsets":[0,4]}}""", 4, "tensor 'a': found '-4' in shape")]
    [InlineData("""{"a":{"dtype":"U8","shape":[4.5],"data_offsets":[0,4]}}""", 4, "tensor 'a': found '4.5' in shape")]
    [InlineData("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[4,0]}}""", 4, "expected begin ≤ end")]
    [InlineData("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,5]}}""", 4, "expected an end of at most 4")]
    [InlineData("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[0]}}""", 4, "found 1 data_offsets, expected 2")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,4]}}""", 4, "found 4 bytes between its data_offsets, expected 16 for F32 [4]")]
    [InlineData("""{"a":{"dtype":"U8","shape":[4294967296,4294967296],"data_offsets":[0,4]}}""", 4, "expected one whose size in bytes is below 2^63")]
    [InlineData("""{"a":{"dtype":"U8","shape":[0,4294967296,4294967296],"data_offsets":[0,0]}}""", 0, "expected one whose size in bytes is below 2^63")]
    [InlineData("""{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},"b":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}""", 4, "tensor 'b': found its data at 2, inside another tensor; expected it at 3")]
    [InlineData("""{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}""", 4, "tensor 'b': found a hole of 1 bytes")]
    [InlineData("""{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}}""", 4, "found 4 bytes of data, expected 3")]
    [InlineData("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"a":{"dtype":"U8","shape":[0],"data_offsets":[4,4]}}""", 4, "tensor 'a': found twice in the header")]
    [InlineData("""{"a":{"dtype":"U8","dtype":"U8","shape":[4],"data_offsets":[0,4]}}""", 4, "found dtype twice")]
    [InlineData("""{"a":{"dtype":"U8","data_offsets":[0,4]}}""", 4, "tensor 'a': missing shape")]
    [InlineData("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4],"more":1}}""", 4, "found the key 'more'")]
    [InlineData("""{"a":[[[[[[1]]]]]]}""", 4, "tensor 'a': found StartArray")]
    [InlineData("""{"a":{"dtype":"U8","shape":[[[[4]]]],"data_offsets":[0,4]}}""", 4, "tensor 'a': found '[' in shape")]
    [InlineData("""{"__metadata__":{"a":"1"},"a":{"dtype":{"b":{"c":1}},"shape":[4],"data_offsets":[0,4]}}""", 4, "found dtype StartObject")]
    [InlineData("""{"__metadata__":{"a":1}}""", 0, "__metadata__.'a': found Number, expected a string")]
    [InlineData("""{"__metadata__":{"a":"1","a":"2"}}""", 0, "__metadata__.'a': found twice")]
    [InlineData("""{"\uD800":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}""", 0, "no valid Unicode")]
    [InlineData("""[1]""", 0, "found byte 0x5b first, expected '{'")]
    [InlineData("""{} x""", 0, "header: found broken JSON")]
    [InlineData("""{"a":""", 0, "header: found broken JSON")]
    [InlineData("", 0, "header: found no bytes")]
    public void Open_BrokenHeader_NamesFilePlaceFoundAndExpected(string header, int dataBytes, string message)
    {
        var path = Write(RawSafetensors.Make(header, dataBytes));
        var error = Assert.Throws<InvalidCheckpointException>(() => SafetensorsFile.Open(path));
        Assert.StartsWith(path + ": ", error.Message, StringComparison.Ordinal);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(3UL, "found broken JSON")]
    [InlineData(1000UL, "found a header length of 1000, expected at most 2")]
    [InlineData(ulong.MaxValue, "expected at most 100000000")]
    [InlineData(100_000_001UL, "expected at most 100000000")]
    public void Open_LyingHeaderLength_IsRefused(ulong length, string message)
    {
        var bytes = RawSafetensors.Make(length == 3 ? "{ [" : "{}", 0, length);
        Assert.Contains(message, Assert.Throws<InvalidCheckpointException>(() => SafetensorsFile.Open(Write(bytes))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_ShortMissingOrNotUtf8_IsRefused()
    {
        Assert.Contains("found 7 bytes", Refusal(Write(new byte[7])), StringComparison.Ordinal);
        Assert.Contains("found 0 bytes", Refusal(Write([])), StringComparison.Ordinal);
        Assert.Contains("cannot be read", Refusal(_folder.File("nowhere")), StringComparison.Ordinal);
        Assert.Contains("cannot be read", Refusal(_folder.Path), StringComparison.Ordinal);
        Assert.Contains("not UTF-8", Refusal(Write(RawSafetensors.Make([.. "{\""u8, 0xFF, .. "\":1}"u8], 0))), StringComparison.Ordinal);
        var many = string.Join(",", Enumerable.Repeat("1", 40));
        Assert.Contains("found 40 dimensions", Refusal(Write(RawSafetensors.Make($$$"""{"a":{"dtype":"U8","shape":[{{{many}}}],"data_offsets":[0,1]}}""", 1))), StringComparison.Ordinal);
    }

    [Fact]
    public void ReadTensor_BoolOtherThanZeroOrOne_IsRefused()
    {
        using var file = SafetensorsFile.Open(Write(RawSafetensors.Make("""{"a":{"dtype":"BOOL","shape":[2],"data_offsets":[0,2]}}""", 2)));
        Assert.Contains("found byte 37 at element 1 of a BOOL", Assert.Throws<InvalidCheckpointException>(() => file.ReadTensor("a")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_EveryDtype_RoundTripsSortedAligned()
    {
        var path = _folder.File("all.safetensors");
        var sources = Enum.GetValues<SafetensorsDtype>()
            .Select(dtype => SafetensorsSource.Of($"t.{dtype}", dtype, [3, 1], Enumerable.Range(0, 3 * dtype.Size()).Select(at => (byte)(at % 2)).ToArray())).ToList();
        SafetensorsWriter.Write(path, sources, new Dictionary<string, string> { ["b"] = "2", ["a"] = "é\"" });
        var first = File.ReadAllBytes(path);
        SafetensorsWriter.Write(path, Enumerable.Reverse(sources), new Dictionary<string, string> { ["a"] = "é\"", ["b"] = "2" });
        Assert.Equal(first, File.ReadAllBytes(path));
        Assert.Equal(0, BitConverter.ToInt64(first) % 8);
        Assert.Single(Directory.GetFiles(_folder.Path));

        using var file = SafetensorsFile.Open(path);
        Assert.Equal("é\"", file.Metadata["a"]);
        foreach (var source in sources)
        {
            var bytes = new MemoryStream();
            source.Write(bytes);
            Assert.Equal(bytes.ToArray(), file.Bytes(source.Name).ToArray());
            Assert.Equal(0, file.Tensors[source.Name].Begin % source.Dtype.Size());
            using var tensor = file.ReadTensor(source.Name);
            Assert.Equal(source.Dtype.ToTorch(), tensor.dtype);
            Assert.Equal([3, 1], tensor.shape);
        }
    }

    [Fact]
    public void Write_WrongSizeOrNameTwice_ThrowsAndLeavesNothing()
    {
        var path = _folder.File("bad.safetensors");
        var one = SafetensorsSource.Of("a", SafetensorsDtype.F32, [2], new byte[4]);
        Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write(path, [one]));
        Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write(path, [one, one]));
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Theory]
    [InlineData(SafetensorsDtype.F16)]
    [InlineData(SafetensorsDtype.BF16)]
    public void ReadTensor_HalfWidths_ConvertAsTheirBitsSay(SafetensorsDtype dtype)
    {
        // 1.5 and −2 in either format.
        byte[] bytes = dtype == SafetensorsDtype.F16 ? [0x00, 0x3E, 0x00, 0xC0] : [0xC0, 0x3F, 0x00, 0xC0];
        var path = _folder.File("half.safetensors");
        SafetensorsWriter.Write(path, [SafetensorsSource.Of("h", dtype, [2], bytes)]);
        using var file = SafetensorsFile.Open(path);
        using var tensor = file.ReadTensor("h", ScalarType.Float32);
        Assert.Equal([1.5f, -2f], tensor.data<float>().ToArray());
    }

    private string Write(byte[] bytes)
    {
        var path = _folder.File("test.safetensors");
        File.WriteAllBytes(path, bytes);
        return path;
    }

    private static string Refusal(string path) => Assert.Throws<InvalidCheckpointException>(() => SafetensorsFile.Open(path)).Message;
}
