using Sweep.Models.Architectures;
using Sweep.Models.Mamba;
using Sweep.Perf.Dispatch;
using static TorchSharp.torch;

namespace Sweep.Perf.Gpu;

/// <summary>The published shapes with random weights, made on the device: speed does not depend on what is in them.</summary>
internal static class RandomModels
{
    /// <summary>mamba-130m and its like; see the table of shapes in docs/performance.md.</summary>
    public static MambaConfig Config(string name) =>
        PublishedShapes.Find(name) ?? throw new HarnessException($"model: found '{name}', expected one of {string.Join(", ", PublishedShapes.Names)}");

    public static MambaModel Make(MambaConfig config, ScalarType dtype, Device device) => new(config, PublishedShapes.Weights(config, dtype, device), device, dtype);

    public static Tensor Tokens(ModelConfig config, int rows, int length) => randint(config.VocabularySize, [rows, length], dtype: int64);
}
