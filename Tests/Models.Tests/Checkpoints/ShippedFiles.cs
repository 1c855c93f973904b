using Sweep.Tests;

namespace Sweep.Models.Tests.Checkpoints;

/// <summary>Models that ship with the repository, and vectors of tokenizers.</summary>
internal static class ShippedFiles
{
    public static string Mini { get; } = Fixtures.Shipped("models", "mamba-mini");

    public static string Planted { get; } = Fixtures.Shipped("models", "mamba-mini-planted");

    public static string Vectors { get; } = Fixtures.Shipped("Tests", "Models.Tests", "Text", "Vectors");
}
