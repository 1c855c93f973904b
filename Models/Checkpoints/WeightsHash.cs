using System.Security.Cryptography;
using System.Text;
using Sweep.Models.Architectures;

namespace Sweep.Models.Checkpoints;

/// <summary>
/// The identity of a model's weights: SHA-256 of a canonical text of the config, then for each tensor, in ordinal order of names, a line of
/// name, dtype and shape followed by its bytes. A line of fixed fields says how many bytes follow, so no two models share an encoding.
/// </summary>
internal static class WeightsHash
{
    private const string Version = "sweep-weights-1";
    private const int Block = 1 << 24;

    public static string Compute(ModelConfig config, IEnumerable<string> names, CheckpointTensors index)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Line(hash, Version);
        Line(hash, config.Describe());
        foreach (var name in names.Order(StringComparer.Ordinal))
        {
            var entry = index.Entry(name);
            Line(hash, $"{name} {entry.Dtype.Name()} {SafetensorsEntry.Text(entry.Shape)}");
            for (long at = 0; at < entry.ByteLength; at += Block)
                hash.AppendData(index.Bytes(name, at, (int)Math.Min(Block, entry.ByteLength - at)));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void Line(IncrementalHash hash, string text) => hash.AppendData(Encoding.UTF8.GetBytes(text + "\n"));
}
