using System.Text.Json;
using TorchSharp;

namespace Sweep.Models.Checkpoints;

/// <summary>
/// A positive control: a copy of a checkpoint in which some seeded-random rows of one layer's out_proj are multiplied by a factor. Scaling those channels of that
/// layer's MixerOutput by the factor's inverse undoes it, so a sweep that works must find it.
/// </summary>
public static class PlantedBottleneck
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, NewLine = "\n" };

    /// <summary>Writes the folder <paramref name="target"/>, with planted.json naming what was planted; returns the channels, ascending.</summary>
    /// <exception cref="InvalidCheckpointException">The source cannot be used or holds fewer rows than asked for.</exception>
    public static IReadOnlyList<int> Plant(string source, string target, int layer, int count, double factor, ulong seed)
    {
        using var folder = CheckpointFolder.Open(source);
        if (layer < 0 || layer >= folder.Config.LayerCount)
            throw new InvalidCheckpointException($"{source}: layer: found {layer}, expected 0 to {folder.Config.LayerCount - 1}");
        if (count < 1 || count > folder.Config.DModel)
            throw new InvalidCheckpointException($"{source}: count: found {count}, expected 1 to {folder.Config.DModel}");
        var file = Path.Combine(source, "model.safetensors");
        if (!File.Exists(file))
            throw new InvalidCheckpointException($"{file}: found none, expected a model in one file");

        using var scope = torch.NewDisposeScope();
        using var weights = SafetensorsFile.Open(file);
        var channels = Draw(count, folder.Config.DModel, seed);
        var tensors = weights.Tensors.Keys.ToDictionary(name => name, weights.ReadTensor);
        var matrix = tensors[$"backbone.layers.{layer}.mixer.out_proj.weight"];
        foreach (var channel in channels)
            matrix[channel].copy_((matrix[channel].to(torch.float32) * factor).to(matrix.dtype));
        Directory.CreateDirectory(target);
        SafetensorsWriter.Write(Path.Combine(target, "model.safetensors"), tensors, weights.Metadata);
        foreach (var name in (string[])["config.json", "tokenizer.json"])
            File.Copy(Path.Combine(source, name), Path.Combine(target, name), overwrite: true);
        var facts = new { layer, site = "MixerOutput", channels, factor, seed, source = Path.GetFileName(Path.TrimEndingDirectorySeparator(source)), source_weights_hash = folder.ComputeWeightsHash() };
        File.WriteAllText(Path.Combine(target, "planted.json"), JsonSerializer.Serialize(facts, Json) + "\n");
        return channels;
    }

    /// <summary>The first <paramref name="count"/> of a Fisher-Yates shuffle driven by SplitMix64 (Steele, Lea, Flood 2014), so that the set is the same on every runtime.</summary>
    private static int[] Draw(int count, int of, ulong seed)
    {
        var all = Enumerable.Range(0, of).ToArray();
        for (var i = 0; i < count; i++)
        {
            var j = i + (int)(Next() % (ulong)(of - i));
            (all[i], all[j]) = (all[j], all[i]);
        }

        return [.. all.Take(count).Order()];

        ulong Next()
        {
            seed += 0x9E3779B97F4A7C15;
            var z = seed;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }
}
