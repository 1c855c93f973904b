using System.Runtime.InteropServices;

namespace Sweep.Hosting;

/// <summary>Loads an existing libtorch before TorchSharp looks for its own: $SWEEP_LIBTORCH names the folder of its libraries.</summary>
public static class TorchLibrary
{
    private const string Variable = "SWEEP_LIBTORCH";

    /// <summary>In the order of their dependencies; those of CUDA only where they are there.</summary>
    private static readonly string[] Libraries = ["libc10.so", "libtorch_cpu.so", "libc10_cuda.so", "libtorch_cuda.so", "libtorch.so"];

    /// <summary>What is wrong with the folder; null: nothing, or none is named.</summary>
    public static string? Preload()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } folder)
            return null;
        if (!File.Exists(Path.Combine(folder, Libraries[0])))
            return $"{Variable}: found no {Libraries[0]} in '{folder}', expected the folder with libtorch's libraries";
        foreach (var library in Libraries.Select(name => Path.Combine(folder, name)).Where(File.Exists))
            NativeLibrary.Load(library);
        return null;
    }
}
