using Sweep.Models.Checkpoints;
using static TorchSharp.torch;

namespace Sweep.Models.Tests.Mamba;

/// <summary>Reference outputs beside a checkpoint.</summary>
internal static class GoldenFiles
{
    public static Dictionary<string, Tensor> Read(string file)
    {
        using var tensors = SafetensorsFile.Open(file);
        return tensors.Tensors.Keys.ToDictionary(name => name, name => tensors.ReadTensor(name));
    }
}
