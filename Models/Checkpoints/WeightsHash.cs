using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Sweep.Models.Mamba;

namespace Sweep.Models.Checkpoints;

/// <summary>
/// The identity of a model's weights: SHA-256 of a canonical text of the config, then for each tensor, in ordinal order of names, a line of
/// name, dtype and shape followed by its bytes. A line of fixed fields says how many bytes follow, so no two models share an encoding.
/// </summary>
internal static class WeightsHash
{
    private const string Version = "sweep-weights-1";
    private const int Block = 1 << 24;

    public static string Compute(MambaConfig config, IEnumerable<string> names, CheckpointTensors index)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Line(hash, Version);
        Line(hash, Describe(config));
        foreach (var name in names.Order(StringComparer.Ordinal))
        {
            var entry = index.Entry(name);
            Line(hash, $"{name} {entry.Dtype.Name()} {SafetensorsEntry.Text(entry.Shape)}");
            for (long at = 0; at < entry.ByteLength; at += Block)
                hash.AppendData(index.Owners[name].Bytes(name, at, (int)Math.Min(Block, entry.ByteLength - at)));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    // Everything that changes a number or a generation; not the dtype that the config claims, which the tensors state themselves.
    private static string Describe(MambaConfig config) => string.Create(
        CultureInfo.InvariantCulture,
        $"{config.ModelType} V={config.VocabularySize} d={config.DModel} n={config.LayerCount} E={config.DInner} N={config.DState} K={config.DConv} "
            + $"R={config.DtRank} eps={config.NormEpsilon:R} bias={config.UseBias} conv_bias={config.UseConvBias} fp32={config.ResidualInFp32} "
            + $"tied={config.TieWordEmbeddings} eos={string.Join(',', config.EosTokenIds)}");

    private static void Line(IncrementalHash hash, string text) => hash.AppendData(Encoding.UTF8.GetBytes(text + "\n"));
}
