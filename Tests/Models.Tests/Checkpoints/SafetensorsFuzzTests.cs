using System.Text;
using CsCheck;
using Sweep.Models.Checkpoints;
using Sweep.Tests;
using Xunit;

namespace Sweep.Models.Tests.Checkpoints;

/// <summary>Broken files: either one InvalidCheckpointException, or a file whose every tensor can be read.</summary>
public sealed class SafetensorsFuzzTests : IDisposable
{
    private const string Header =
        """{"__metadata__":{"format":"pt"},"w":{"dtype":"F32","shape":[3,2],"data_offsets":[0,24]},"i":{"dtype":"I64","shape":[1],"data_offsets":[24,32]},"h":{"dtype":"BF16","shape":[2,2],"data_offsets":[32,40]},"b":{"dtype":"BOOL","shape":[3],"data_offsets":[40,43]}}""";

    private const int DataBytes = 43;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Open_FlippedHeaderBits_RefusesOrReadsEverything()
    {
        var valid = RawSafetensors.Make(Header, DataBytes);
        Gen.Select(Gen.Int[0, 8 + Header.Length - 1], Gen.Int[0, 7]).Array[1, 4].Sample(
            flips =>
            {
                var broken = valid.ToArray();
                foreach (var (at, bit) in flips)
                    broken[at] ^= (byte)(1 << bit);
                OpenAndReadAll(broken);
            },
            iter: 2000, threads: 1);
    }

    [Fact]
    public void Open_CutOrExtendedFile_IsRefused()
    {
        var valid = RawSafetensors.Make(Header, DataBytes);
        for (var length = 0; length < valid.Length; length++)
            Assert.False(OpenAndReadAll(valid[..length]), $"cut to {length} bytes");
        Assert.False(OpenAndReadAll([.. valid, 0]));
    }

    [Fact]
    public void Open_ReplacedNumbers_RefusesOrReadsEverything()
    {
        var numbers = System.Text.RegularExpressions.Regex.Matches(Header, "(?<=[\\[,])[0-9]+");
        string[] values = ["0", "1", "2", "3", "6", "24", "32", "40", "43", "44", "-1", "2147483648", "9223372036854775807", "9223372036854775808", "18446744073709551616", "1e3", "1.0", "null", "\"1\"", "[]"];
        Gen.Select(Gen.Int[0, numbers.Count - 1], Gen.Int[0, values.Length - 1].Select(index => values[index])).Array[1, 3].Sample(
            changes =>
            {
                var header = new StringBuilder(Header);
                foreach (var (index, value) in changes.DistinctBy(change => change.Item1).OrderByDescending(change => change.Item1))
                    header.Remove(numbers[index].Index, numbers[index].Length).Insert(numbers[index].Index, value);
                OpenAndReadAll(RawSafetensors.Make(header.ToString(), DataBytes));
            },
            iter: 2000, threads: 1);
    }

    [Fact]
    public void Open_LyingHeaderLength_RefusesOrReadsEverything()
    {
        ulong[] hostile = [ulong.MaxValue, ulong.MaxValue - 7, (ulong)long.MaxValue, 1UL << 32, 1UL << 31];
        Gen.OneOf(Gen.ULong, Gen.ULong[0, 400], Gen.Int[0, hostile.Length - 1].Select(index => hostile[index])).Sample(
            length =>
            {
                var opened = OpenAndReadAll(RawSafetensors.Make(Header, DataBytes, length));
                Assert.Equal(length == (ulong)Header.Length, opened);
            },
            iter: 500, threads: 1);
    }

    [Fact]
    public void Open_DeepJson_IsRefused()
    {
        foreach (var depth in (int[])[4, 64, 1000, 200_000])
        {
            var nested = new string('[', depth) + new string(']', depth);
            Assert.False(OpenAndReadAll(RawSafetensors.Make($$$"""{"a":{"dtype":"U8","shape":{{{nested}}},"data_offsets":[0,0]}}""", 0)));
            var objects = string.Concat(Enumerable.Repeat("{\"a\":", depth)) + "1" + new string('}', depth);
            Assert.False(OpenAndReadAll(RawSafetensors.Make(objects, 0)));
        }
    }

    [Fact]
    public void Open_RandomBytes_IsRefused() =>
        Gen.Byte.Array[0, 300].Sample(bytes => Assert.False(OpenAndReadAll(bytes)), iter: 1000, threads: 1);

    [Fact]
    public void Write_RandomTensors_ReadsBackEqual()
    {
        var source = Gen.Select(Gen.Enum<SafetensorsDtype>(), Gen.Long[0, 4].Array[0, 4]);
        source.Array[0, 6].Sample(
            shapes =>
            {
                var tensors = shapes.Select((shape, index) => (Name: $"t{index}\u00e9\"\\", shape.Item1, shape.Item2,
                    Bytes: Enumerable.Range(0, (int)shape.Item2.Aggregate((long)shape.Item1.Size(), (a, b) => a * b)).Select(at => (byte)((at + index) % 2)).ToArray())).ToList();
                var path = _folder.File("written");
                SafetensorsWriter.Write(path, tensors.Select(tensor => SafetensorsSource.Of(tensor.Name, tensor.Item2, tensor.Item3, tensor.Bytes)));
                using var file = SafetensorsFile.Open(path);
                Assert.Equal(tensors.Count, file.Tensors.Count);
                foreach (var (name, dtype, shape, bytes) in tensors)
                {
                    Assert.Equal(bytes, file.Bytes(name).ToArray());
                    using var copy = file.ReadTensor(name);
                    Assert.Equal((dtype.ToTorch(), shape.Length), (copy.dtype, (int)copy.dim()));
                    Assert.Equal(shape, copy.shape);
                }
            },
            iter: 200, threads: 1);
    }

    /// <summary>True when it opened; every byte of every tensor is then read, so that a pointer outside the file would show.</summary>
    private bool OpenAndReadAll(byte[] bytes)
    {
        var path = _folder.File("fuzzed");
        File.WriteAllBytes(path, bytes);
        try
        {
            using var file = SafetensorsFile.Open(path);
            var dataStart = 8 + (int)BitConverter.ToUInt64(bytes);
            foreach (var entry in file.Tensors.Values)
            {
                Assert.Equal(bytes.AsSpan(dataStart + (int)entry.Begin, (int)entry.ByteLength), file.Bytes(entry.Name));
                if (entry.Dtype == SafetensorsDtype.Bool)
                    continue;
                using var copy = file.ReadTensor(entry.Name);
                Assert.Equal(entry.Shape, copy.shape);
            }

            return true;
        }
        catch (InvalidCheckpointException)
        {
            return false;
        }
    }
}
