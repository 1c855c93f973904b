using System.Buffers;
using System.Buffers.Binary;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Sweep.Models.Checkpoints;

/// <summary>One tensor to write: its bytes are asked for when its turn comes, so that a checkpoint need not be in memory.</summary>
public sealed record SafetensorsSource
{
    public required string Name { get; init; }

    public required SafetensorsDtype Dtype { get; init; }

    public required IReadOnlyList<long> Shape { get; init; }

    /// <summary>Writes the tensor's little-endian bytes, all of them.</summary>
    public required Action<Stream> Write { get; init; }

    public static SafetensorsSource Of(string name, SafetensorsDtype dtype, IReadOnlyList<long> shape, ReadOnlyMemory<byte> bytes) =>
        new() { Name = name, Dtype = dtype, Shape = shape, Write = stream => stream.Write(bytes.Span) };
}

/// <summary>
/// Writes safetensors files: the same tensors give the same bytes. Wide element types come first, names in ordinal order within a width,
/// and the header is filled up with spaces to a multiple of 8 bytes, so that every tensor is aligned.
/// </summary>
public static class SafetensorsWriter
{
    /// <summary>Writes to a file beside the path, then moves it there: no half file is ever seen under the path.</summary>
    /// <exception cref="ArgumentException">A name twice, or a source that wrote another number of bytes than its shape says.</exception>
    public static void Write(string path, IEnumerable<SafetensorsSource> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        var ordered = tensors.OrderByDescending(tensor => tensor.Dtype.Size()).ThenBy(tensor => tensor.Name, StringComparer.Ordinal).ToList();
        var partial = path + ".partial";
        try
        {
            using (var stream = new FileStream(partial, FileMode.Create, FileAccess.Write))
            {
                var header = Header(ordered, metadata);
                Span<byte> length = stackalloc byte[8];
                BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
                stream.Write(length);
                stream.Write(header);
                foreach (var tensor in ordered)
                    WriteData(stream, tensor);
            }

            File.Move(partial, path, overwrite: true);
        }
        catch
        {
            File.Delete(partial);
            throw;
        }
    }

    private static byte[] Header(List<SafetensorsSource> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            if (metadata is not null)
                WriteMetadata(json, metadata);
            var names = new HashSet<string>(StringComparer.Ordinal);
            long at = 0;
            foreach (var tensor in tensors)
            {
                if (!names.Add(tensor.Name) || tensor.Name == "__metadata__")
                    throw new ArgumentException($"tensor name '{tensor.Name}' is taken");
                WriteEntry(json, tensor, at, at += ByteLength(tensor));
            }

            json.WriteEndObject();
        }

        var padding = -buffer.WrittenCount & 7;
        buffer.GetSpan(padding)[..padding].Fill((byte)' ');
        buffer.Advance(padding);
        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteMetadata(Utf8JsonWriter json, IReadOnlyDictionary<string, string> metadata)
    {
        json.WriteStartObject("__metadata__");
        foreach (var (key, value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            json.WriteString(key, value);
        json.WriteEndObject();
    }

    private static void WriteEntry(Utf8JsonWriter json, SafetensorsSource tensor, long begin, long end)
    {
        json.WriteStartObject(tensor.Name);
        json.WriteString("dtype", tensor.Dtype.Name());
        json.WriteStartArray("shape");
        foreach (var size in tensor.Shape)
            json.WriteNumberValue(size);
        json.WriteEndArray();
        json.WriteStartArray("data_offsets");
        json.WriteNumberValue(begin);
        json.WriteNumberValue(end);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteData(FileStream stream, SafetensorsSource tensor)
    {
        var begin = stream.Position;
        tensor.Write(stream);
        var written = stream.Position - begin;
        if (written != ByteLength(tensor))
        {
            var shape = SafetensorsEntry.Text(tensor.Shape);
            throw new ArgumentException($"tensor '{tensor.Name}': {written} bytes written, {ByteLength(tensor)} expected for {tensor.Dtype.Name()} {shape}");
        }
    }

    private static long ByteLength(SafetensorsSource tensor) => tensor.Shape.Aggregate((long)tensor.Dtype.Size(), (product, size) => checked(product * size));
}
