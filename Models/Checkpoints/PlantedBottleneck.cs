using System.Text.Json;

namespace Sweep.Models.Checkpoints;

/// <summary>
/// A checkpoint with a bottleneck put into it on purpose, as a positive control: some channels of one layer's MixerOutput are made too large by
/// multiplying their rows of out_proj (and its bias, where it has one). Scaling those channels by 1 / factor undoes it, up to rounding.
/// </summary>
public sealed record PlantedBottleneck
{
    /// <summary>The file beside the planted weights that says what was planted.</summary>
    public const string FileName = "planted.json";

    private const long MaxBytes = 10_000_000;

    private static readonly string[] Copied = ["config.json", "generation_config.json", "special_tokens_map.json", "tekken.json", "tokenizer.json", "tokenizer.model", "tokenizer.model.v3", "tokenizer_config.json"];

    /// <summary>0-based.</summary>
    public required int Layer { get; init; }

    /// <summary>Ascending channels of MixerOutput, drawn by the seed with <see cref="SplitMix64.Choose"/>.</summary>
    public required IReadOnlyList<int> Channels { get; init; }

    public required double Factor { get; init; }

    public required ulong Seed { get; init; }

    /// <summary><see cref="CheckpointFolder.WeightsHash"/> of the checkpoint it was planted into.</summary>
    public required string SourceWeightsHash { get; init; }

    /// <summary>Reads a source folder and writes a new one; the same arguments give the same bytes.</summary>
    /// <param name="source">A folder that <see cref="CheckpointFolder.Open"/> takes.</param>
    /// <param name="target">Must not exist, or be empty.</param>
    /// <param name="layer">0-based.</param>
    /// <param name="count">Channels to plant, 1 to d_model.</param>
    /// <param name="seed">Any.</param>
    /// <param name="factor">Finite and not 0; used in fp32.</param>
    /// <exception cref="InvalidCheckpointException">A bad source, a target that is in use, or arguments that do not fit the model.</exception>
    public static PlantedBottleneck Make(string source, string target, int layer, int count, ulong seed, double factor)
    {
        using var folder = CheckpointFolder.Open(source);
        var config = folder.Config;
        if (layer < 0 || layer >= config.LayerCount)
            throw new InvalidCheckpointException($"{source}: layer: found {layer}, expected 0 to {config.LayerCount - 1}");
        if (count < 1 || count > config.DModel)
            throw new InvalidCheckpointException($"{source}: count of channels: found {count}, expected 1 to {config.DModel}, the model's width");
        if (!float.IsFinite((float)factor) || (float)factor == 0)
            throw new InvalidCheckpointException($"{source}: factor: found {factor}, expected a finite number other than 0");
        if (File.Exists(target) || (Directory.Exists(target) && Directory.EnumerateFileSystemEntries(target).Any()))
            throw new InvalidCheckpointException($"{target}: found something there, expected a new or empty folder");
        var planted = new PlantedBottleneck
        {
            Layer = layer,
            Channels = new SplitMix64(seed).Choose(count, config.DModel),
            Factor = factor,
            Seed = seed,
            SourceWeightsHash = folder.WeightsHash,
        };
        planted.WriteFolder(folder, target);
        return planted;
    }

    /// <summary>Reads planted.json of a folder; null when it has none.</summary>
    /// <exception cref="InvalidCheckpointException">The file is broken.</exception>
    public static PlantedBottleneck? Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
            return null;
        using var document = JsonFile.Read(path, MaxBytes, JsonValueKind.Object);
        var root = document.RootElement;
        try
        {
            return new()
            {
                Layer = root.GetProperty("layer").GetInt32(),
                Channels = [.. root.GetProperty("channels").EnumerateArray().Select(channel => channel.GetInt32())],
                Factor = root.GetProperty("factor").GetDouble(),
                Seed = root.GetProperty("seed").GetUInt64(),
                SourceWeightsHash = root.GetProperty("source_weights_sha256").GetString() ?? "",
            };
        }
        catch (Exception wrong) when (wrong is KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new InvalidCheckpointException($"{path}: expected layer, channels, factor, seed and source_weights_sha256: {wrong.Message}", wrong);
        }
    }

    private void WriteFolder(CheckpointFolder source, string target)
    {
        var partial = Path.TrimEndingDirectorySeparator(target) + ".partial";
        Directory.CreateDirectory(partial);
        try
        {
            foreach (var name in Copied.Where(name => File.Exists(Path.Combine(source.Path, name))))
                File.WriteAllBytes(Path.Combine(partial, name), File.ReadAllBytes(Path.Combine(source.Path, name)));
            var index = source.Index;
            SafetensorsWriter.Write(
                Path.Combine(partial, CheckpointTensors.SingleFile), index.Names.Select(name => Source(index, name)), index.Files[0].Metadata);
            File.WriteAllText(Path.Combine(partial, FileName), ToJson());
            if (Directory.Exists(target))
                Directory.Delete(target);
            Directory.Move(partial, target);
        }
        catch
        {
            Directory.Delete(partial, recursive: true);
            throw;
        }
    }

    private SafetensorsSource Source(CheckpointTensors index, string name)
    {
        var entry = index.Entry(name);
        var weight = MambaShapes.OutProjection(Layer);
        var isPlanted = name == weight || name == Path.ChangeExtension(weight, "bias");
        return new()
        {
            Name = name,
            Dtype = entry.Dtype,
            Shape = entry.Shape,
            Write = stream =>
            {
                var rows = entry.Shape[0];
                var rowBytes = (int)(entry.ByteLength / rows);
                for (var row = 0; row < rows; row++)
                {
                    var bytes = index.Bytes(name, (long)row * rowBytes, rowBytes);
                    stream.Write(isPlanted && Channels.Contains(row) ? Scaled(bytes, entry, row) : bytes);
                }
            },
        };
    }

    private byte[] Scaled(ReadOnlySpan<byte> bytes, SafetensorsEntry entry, int row)
    {
        var copy = bytes.ToArray();
        return RowScaling.Scale(copy, entry.Dtype, (float)Factor)
            ? copy
            : throw new InvalidCheckpointException($"tensor '{entry.Name}': row {row} times {Factor} leaves the finite numbers of {entry.Dtype.Name()}, expected a smaller factor");
    }

    private string ToJson()
    {
        var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new() { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            json.WriteNumber("layer", Layer);
            json.WriteString("site", "MixerOutput");
            json.WriteString("tensor", MambaShapes.OutProjection(Layer));
            json.WriteStartArray("channels");
            foreach (var channel in Channels)
                json.WriteNumberValue(channel);
            json.WriteEndArray();
            json.WriteNumber("factor", Factor);
            json.WriteNumber("seed", Seed);
            json.WriteString("generator", "splitmix64, first places of a Fisher-Yates shuffle");
            json.WriteString("source_weights_sha256", SourceWeightsHash);
            json.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }
}
