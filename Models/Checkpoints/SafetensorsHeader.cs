using System.Text;
using System.Text.Json;

namespace Sweep.Models.Checkpoints;

/// <summary>Reads and checks the header of a safetensors file; nothing of the data is looked at before every entry is known to lie inside the file.</summary>
internal static class SafetensorsHeader
{
    /// <summary>The format's own bound on the header.</summary>
    public const long MaxLength = 100_000_000;
    private const int MaxDepth = 8;
    private const int MaxTensors = 100_000;
    private const int MaxAxes = 16;

    /// <exception cref="InvalidCheckpointException">Any rule of the format is broken.</exception>
    public static (Dictionary<string, TensorEntry> Tensors, Dictionary<string, string> Metadata) Parse(string file, ReadOnlySpan<byte> json, long dataLength)
    {
        var tensors = new Dictionary<string, TensorEntry>(StringComparer.Ordinal);
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        try
        {
            _ = new UTF8Encoding(false, true).GetCharCount(json);
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
            using var document = JsonDocument.ParseValue(ref reader);
            for (var i = (int)reader.BytesConsumed; i < json.Length; i++)
            {
                if (json[i] != (byte)' ')
                    throw Broken(file, $"header byte {i}", $"0x{json[i]:x2} after the JSON object", "spaces only");
            }

            Require(file, "header", document.RootElement, JsonValueKind.Object);
            foreach (var member in document.RootElement.EnumerateObject())
            {
                if (member.Name == "__metadata__")
                    ReadMetadata(file, member.Value, metadata);
                else if (!tensors.TryAdd(member.Name, Entry(file, member.Name, member.Value, dataLength)))
                    throw Broken(file, $"tensor '{Shown(member.Name)}'", "its name twice", "distinct names");
                if (tensors.Count > MaxTensors)
                    throw Broken(file, "header", $"more than {MaxTensors} tensors", "fewer");
            }
        }
        catch (Exception exception) when (exception is JsonException or DecoderFallbackException or InvalidOperationException)
        {
            throw new InvalidCheckpointException($"{file}: header: found no valid JSON ({exception.Message}), expected one object of tensors", exception);
        }

        CheckCover(file, tensors.Values, dataLength);
        return (tensors, metadata);
    }

    internal static InvalidCheckpointException Broken(string file, string place, string found, string expected) =>
        new($"{file}: {place}: found {found}, expected {expected}");

    private static TensorEntry Entry(string file, string name, JsonElement value, long dataLength)
    {
        var place = $"tensor '{Shown(name)}'";
        Require(file, place, value, JsonValueKind.Object);
        string? dtype = null;
        long[]? shape = null;
        long[]? offsets = null;
        foreach (var field in value.EnumerateObject())
        {
            switch (field.Name)
            {
                case "dtype" when dtype is null:
                    Require(file, $"{place}, dtype", field.Value, JsonValueKind.String);
                    dtype = field.Value.GetString()!;
                    break;
                case "shape" when shape is null:
                    shape = Numbers(file, $"{place}, shape", field.Value);
                    break;
                case "data_offsets" when offsets is null:
                    offsets = Numbers(file, $"{place}, data_offsets", field.Value);
                    break;
                default:
                    throw Broken(file, place, $"'{Shown(field.Name)}'", "dtype, shape and data_offsets, once each");
            }
        }

        if (dtype is null || shape is null || offsets is null)
            throw Broken(file, place, "a field missing", "dtype, shape and data_offsets");
        if (SafetensorsDtype.SizeOf(dtype) is not { } size)
            throw Broken(file, place, $"dtype {Shown(dtype)}", $"one of {SafetensorsDtype.Names}");
        if (offsets.Length != 2 || offsets[0] > offsets[1] || offsets[1] > dataLength)
            throw Broken(file, place, $"data_offsets [{string.Join(", ", offsets)}]", $"[begin, end] within the file's {dataLength} bytes of data");
        long bytes = size;
        foreach (var axis in shape)
        {
            if (axis != 0 && bytes > long.MaxValue / axis)
                throw Broken(file, place, $"shape [{string.Join(", ", shape)}]", "a size that a file can have");
            bytes *= axis;
        }

        if (bytes != offsets[1] - offsets[0])
            throw Broken(file, place, $"{offsets[1] - offsets[0]} bytes", $"{bytes} for {dtype} [{string.Join(", ", shape)}]");
        return new TensorEntry { Name = name, Dtype = dtype, Shape = shape, Begin = offsets[0], End = offsets[1] };
    }

    private static long[] Numbers(string file, string place, JsonElement value)
    {
        Require(file, place, value, JsonValueKind.Array);
        if (value.GetArrayLength() > MaxAxes)
            throw Broken(file, place, $"{value.GetArrayLength()} numbers", $"at most {MaxAxes}");
        var numbers = new List<long>();
        foreach (var element in value.EnumerateArray())
        {
            if (element.ValueKind != JsonValueKind.Number || !element.TryGetInt64(out var number) || number < 0)
                throw Broken(file, place, Shown(element.GetRawText()), "whole numbers from 0");
            numbers.Add(number);
        }

        return [.. numbers];
    }

    private static void ReadMetadata(string file, JsonElement value, Dictionary<string, string> metadata)
    {
        Require(file, "__metadata__", value, JsonValueKind.Object);
        foreach (var pair in value.EnumerateObject())
        {
            Require(file, $"__metadata__ '{Shown(pair.Name)}'", pair.Value, JsonValueKind.String);
            metadata[pair.Name] = pair.Value.GetString()!;
        }
    }

    /// <summary>The format allows neither overlaps nor holes: together the tensors are the data.</summary>
    private static void CheckCover(string file, IEnumerable<TensorEntry> tensors, long dataLength)
    {
        long reached = 0;
        foreach (var entry in tensors.OrderBy(entry => entry.Begin).ThenBy(entry => entry.End))
        {
            if (entry.Begin != reached)
            {
                var what = entry.Begin < reached ? "an overlap" : "a hole";
                throw Broken(file, $"tensor '{Shown(entry.Name)}'", $"{what} at byte {Math.Min(entry.Begin, reached)}", $"its data to begin at {reached}");
            }

            reached = entry.End;
        }

        if (reached != dataLength)
            throw Broken(file, "data", $"{dataLength} bytes", $"{reached}, where the last tensor ends");
    }

    private static void Require(string file, string place, JsonElement value, JsonValueKind kind)
    {
        if (value.ValueKind != kind)
            throw Broken(file, place, value.ValueKind.ToString().ToLowerInvariant(), kind.ToString().ToLowerInvariant());
    }

    /// <summary>Names come from the file: bounded, and without control characters, before a person sees them.</summary>
    private static string Shown(string text)
    {
        var cut = text.Length > 80 ? text[..80] + "…" : text;
        return string.Concat(cut.Select(c => char.IsControl(c) ? '?' : c));
    }
}
