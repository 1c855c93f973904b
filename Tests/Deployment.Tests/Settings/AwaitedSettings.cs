namespace Sweep.Deployment.Tests.Settings;

/// <summary>
/// Sections that manifests set and whose options class is not written yet: their names cannot be checked. A section leaves this list with the class that reads it.
/// </summary>
internal static class AwaitedSettings
{
    public static IReadOnlySet<string> All { get; } = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "Store", "Messaging", "Network" };
}
