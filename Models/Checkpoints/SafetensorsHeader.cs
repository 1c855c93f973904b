using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Sweep.Models.Checkpoints;

/// <summary>
/// Reads a safetensors header: a JSON object of tensor name → {dtype, shape, data_offsets}, and an optional __metadata__ of strings.
/// Everything is checked against the size of the data before any of it is touched (https://github.com/huggingface/safetensors, "Format";
/// as there, the tensors cover the data without overlap or hole).
/// </summary>
internal sealed class SafetensorsHeader
{
    /// <summary>The format's bound on the header, in bytes.</summary>
    public const long MaxLength = 100_000_000;

    private const string MetadataKey = "__metadata__";
    private const int MaxDepth = 4;
    private const int MaxRank = 32;

    private readonly string _file;
    private readonly long _dataLength;
    private readonly Dictionary<string, SafetensorsEntry> _entries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _metadata = new(StringComparer.Ordinal);
    private bool _sawMetadata;

    private SafetensorsHeader(string file, long dataLength)
    {
        _file = file;
        _dataLength = dataLength;
    }

    public IReadOnlyDictionary<string, SafetensorsEntry> Entries => _entries;

    public IReadOnlyDictionary<string, string> Metadata => _metadata;

    /// <param name="file">Named in messages.</param>
    /// <param name="json">The header's bytes.</param>
    /// <param name="dataLength">Bytes of the file after the header.</param>
    /// <exception cref="InvalidCheckpointException">Anything the format forbids.</exception>
    public static SafetensorsHeader Parse(string file, ReadOnlySpan<byte> json, long dataLength)
    {
        var header = new SafetensorsHeader(file, dataLength);
        if (json.IsEmpty || json[0] != (byte)'{')
            throw header.Error($"header: found {(json.IsEmpty ? "no bytes" : $"byte 0x{json[0]:x2} first")}, expected '{{'");
        if (!Utf8.IsValid(json))
            throw header.Error("header: found bytes that are not UTF-8, expected UTF-8 JSON");
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                header.ReadMember(ref reader);
            while (reader.Read())
            {
                // Only white space may follow; the reader throws at anything else.
            }
        }
        catch (JsonException broken)
        {
            throw header.Error($"header: found broken JSON ({broken.Message}), expected an object of tensors", broken);
        }
        catch (InvalidOperationException surrogate)
        {
            // A lone \uD800 is valid JSON and valid UTF-8, and no string.
            throw header.Error($"header: found text that is no valid Unicode ({surrogate.Message})", surrogate);
        }

        header.CheckCoverage();
        return header;
    }

    private void ReadMember(ref Utf8JsonReader reader)
    {
        var name = reader.GetString()!;
        reader.Read();
        if (name == MetadataKey)
            ReadMetadata(ref reader);
        else if (!_entries.TryAdd(name, ReadEntry(name, ref reader)))
            throw Error($"tensor {Quote(name)}: found twice in the header, expected once");
    }

    private void ReadMetadata(ref Utf8JsonReader reader)
    {
        if (_sawMetadata)
            throw Error($"{MetadataKey}: found twice, expected at most once");
        _sawMetadata = true;
        if (reader.TokenType != JsonTokenType.StartObject)
            throw Error($"{MetadataKey}: found {reader.TokenType}, expected an object of strings");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = reader.GetString()!;
            reader.Read();
            if (reader.TokenType != JsonTokenType.String)
                throw Error($"{MetadataKey}.{Quote(key)}: found {reader.TokenType}, expected a string");
            if (!_metadata.TryAdd(key, reader.GetString()!))
                throw Error($"{MetadataKey}.{Quote(key)}: found twice, expected once");
        }
    }

    private SafetensorsEntry ReadEntry(string name, ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            throw Error($"tensor {Quote(name)}: found {reader.TokenType}, expected an object of dtype, shape and data_offsets");
        SafetensorsDtype? dtype = null;
        List<long>? shape = null, offsets = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = reader.GetString()!;
            reader.Read();
            var twice = key switch { "dtype" => dtype is not null, "shape" => shape is not null, "data_offsets" => offsets is not null, _ => false };
            if (twice)
                throw Error($"tensor {Quote(name)}: found {key} twice, expected once");
            switch (key)
            {
                case "dtype":
                    dtype = ReadDtype(name, ref reader);
                    break;
                case "shape":
                    shape = ReadNumbers(name, key, ref reader);
                    break;
                case "data_offsets":
                    offsets = ReadNumbers(name, key, ref reader);
                    break;
                default:
                    throw Error($"tensor {Quote(name)}: found the key {Quote(key)}, expected dtype, shape and data_offsets only");
            }
        }

        if (dtype is null || shape is null || offsets is null)
        {
            string?[] missing = [dtype is null ? "dtype" : null, shape is null ? "shape" : null, offsets is null ? "data_offsets" : null];
            throw Error($"tensor {Quote(name)}: missing {string.Join(", ", missing.OfType<string>())}");
        }

        return Check(name, dtype.Value, shape, offsets);
    }

    private SafetensorsDtype ReadDtype(string name, ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.String)
            throw Error($"tensor {Quote(name)}: found dtype {reader.TokenType}, expected one of {SafetensorsDtypes.Names}");
        var text = reader.GetString()!;
        return SafetensorsDtypes.TryParse(text, out var dtype)
            ? dtype
            : throw Error($"tensor {Quote(name)}: found dtype {Quote(text)}, expected one of {SafetensorsDtypes.Names}");
    }

    private List<long> ReadNumbers(string name, string key, ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
            throw Error($"tensor {Quote(name)}: found {key} {reader.TokenType}, expected an array of whole numbers");
        var numbers = new List<long>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out var number) || number < 0)
            {
                var found = Quote(Encoding.UTF8.GetString(reader.ValueSpan));
                throw Error($"tensor {Quote(name)}: found {found} in {key}, expected a whole number from 0 to {long.MaxValue}");
            }

            numbers.Add(number);
        }

        return numbers;
    }

    private SafetensorsEntry Check(string name, SafetensorsDtype dtype, List<long> shape, List<long> offsets)
    {
        if (offsets.Count != 2)
            throw Error($"tensor {Quote(name)}: found {offsets.Count} data_offsets, expected 2");
        var (begin, end) = (offsets[0], offsets[1]);
        if (begin > end)
            throw Error($"tensor {Quote(name)}: found data_offsets {SafetensorsEntry.Text(offsets)}, expected begin ≤ end");
        if (end > _dataLength)
            throw Error($"tensor {Quote(name)}: found data_offsets {SafetensorsEntry.Text(offsets)}, expected an end of at most {_dataLength}, the bytes of data in the file");
        if (shape.Count > MaxRank)
            throw Error($"tensor {Quote(name)}: found {shape.Count} dimensions, expected at most {MaxRank}");
        long bytes = dtype.Size(), strides = bytes;
        try
        {
            foreach (var size in shape)
            {
                bytes = checked(bytes * size);
                strides = checked(strides * Math.Max(size, 1));
            }
        }
        catch (OverflowException)
        {
            throw Error($"tensor {Quote(name)}: found shape {SafetensorsEntry.Text(shape)}, expected one whose size in bytes is below 2^63");
        }

        if (bytes != end - begin)
            throw Error($"tensor {Quote(name)}: found {end - begin} bytes between its data_offsets, expected {bytes} for {dtype.Name()} {SafetensorsEntry.Text(shape)}");
        return new() { Name = name, Dtype = dtype, Shape = shape, Begin = begin, ByteLength = bytes };
    }

    private void CheckCoverage()
    {
        long covered = 0;
        foreach (var entry in _entries.Values.OrderBy(entry => entry.Begin).ThenBy(entry => entry.ByteLength).ThenBy(entry => entry.Name, StringComparer.Ordinal))
        {
            if (entry.Begin < covered)
                throw Error($"tensor {Quote(entry.Name)}: found its data at {entry.Begin}, inside another tensor; expected it at {covered}");
            if (entry.Begin > covered)
                throw Error($"tensor {Quote(entry.Name)}: found a hole of {entry.Begin - covered} bytes before its data, expected it at {covered}");
            covered += entry.ByteLength;
        }

        if (covered != _dataLength)
            throw Error($"found {_dataLength} bytes of data, expected {covered}, which is what the header's tensors cover");
    }

    // A hostile name could be as long as the header.
    private static string Quote(string text) => text.Length <= 100 ? $"'{text}'" : $"'{text[..100]}…'";

    private InvalidCheckpointException Error(string problem, Exception? inner = null) =>
        inner is null ? new($"{_file}: {problem}") : new($"{_file}: {problem}", inner);
}
