using Sweep.Models.Checkpoints;
using static TorchSharp.torch;

namespace Sweep.Models.Tests.Mamba;

/// <summary>Reference outputs beside a checkpoint, where the machine has them: $SWEEP_DATA, else a folder "shared" beside the repository or above.</summary>
internal static class GoldenFiles
{
    public static string? Find(string name)
    {
        if (Environment.GetEnvironmentVariable("SWEEP_DATA") is { } data)
            return Existing(Path.Combine(data, name)) ?? Existing(Path.Combine(data, "..", name));
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (Existing(Path.Combine(folder.FullName, "shared", name)) is { } found)
                return found;
        }

        return null;
    }

    public static Dictionary<string, Tensor> Read(string file)
    {
        using var tensors = SafetensorsFile.Open(file);
        return tensors.Tensors.Keys.ToDictionary(name => name, name => tensors.ReadTensor(name));
    }

    private static string? Existing(string path) => Directory.Exists(path) ? path : null;
}
