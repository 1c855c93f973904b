using Sweep.Models.FalconMamba;
using Sweep.Models.Mamba;
using Sweep.Models.Mamba2;

namespace Sweep.Models.Architectures;

/// <summary>The architectures that there are. A new one is a folder and a line here.</summary>
public static class ArchitectureCatalog
{
    private static readonly Architecture[] Registered = [MambaArchitecture.Instance, Mamba2Architecture.Instance, FalconMambaArchitecture.Instance];

    public static IReadOnlyList<Architecture> All => Registered;

    /// <summary>All values of model_type, for messages.</summary>
    public static string Names { get; } = string.Join(", ", Registered.Select(architecture => architecture.ModelType));

    /// <summary>By model_type; null: there is none.</summary>
    public static Architecture? Find(string modelType) => Array.Find(Registered, architecture => architecture.ModelType == modelType);

    /// <summary>By ssm_cfg.layer of the original layout; null: there is none.</summary>
    internal static Architecture? FindOriginal(string name) => Array.Find(Registered, architecture => architecture.OriginalName == name);

    /// <summary>All values of ssm_cfg.layer, for messages.</summary>
    internal static string OriginalNames { get; } = string.Join(", ", Registered.Select(architecture => architecture.OriginalName).OfType<string>());
}
