using System.Buffers.Binary;
using System.Text.Json;
using TorchSharp;

namespace Sweep.Models.Checkpoints;

/// <summary>Writes safetensors files whose bytes depend on the tensors alone: ordinal order of names, header padded with spaces to 8 bytes.</summary>
public static class SafetensorsWriter
{
    /// <summary>CPU tensors; written beside the target first, so that a failure leaves no half file.</summary>
    public static void Write(string path, IReadOnlyDictionary<string, torch.Tensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        var names = tensors.Keys.Order(StringComparer.Ordinal).ToArray();
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            if (metadata is not null)
            {
                json.WriteStartObject("__metadata__");
                foreach (var pair in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                    json.WriteString(pair.Key, pair.Value);
                json.WriteEndObject();
            }

            long offset = 0;
            foreach (var name in names)
            {
                var tensor = tensors[name];
                var bytes = tensor.NumberOfElements * tensor.ElementSize;
                json.WriteStartObject(name);
                json.WriteString("dtype", SafetensorsDtype.NameOf(tensor.dtype));
                json.WriteStartArray("shape");
                foreach (var axis in tensor.shape)
                    json.WriteNumberValue(axis);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(offset);
                json.WriteNumberValue(offset += bytes);
                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        while (buffer.Length % 8 != 0)
            buffer.WriteByte((byte)' ');
        var temporary = path + ".part";
        using (var file = File.Create(temporary))
        {
            Span<byte> length = stackalloc byte[8];
            BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)buffer.Length);
            file.Write(length);
            buffer.WriteTo(file);
            foreach (var name in names)
            {
                using var contiguous = tensors[name].contiguous();
                file.Write(contiguous.bytes);
            }
        }

        File.Move(temporary, path, overwrite: true);
    }
}
