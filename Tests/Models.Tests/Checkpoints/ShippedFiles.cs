using Sweep.Tests;

namespace Sweep.Models.Tests.Checkpoints;

/// <summary>Models that ship with the repository.</summary>
internal static class ShippedFiles
{
    public static string Root => Fixtures.Root;

    public static string Mini { get; } = Fixtures.Shipped("models", "mamba-mini");

    public static string Planted { get; } = Fixtures.Shipped("models", "mamba-mini-planted");
}
