using Sweep.Contracts.Plans;

namespace Sweep.Cli.Output;

/// <summary>Writes bottleneck files, each whole or not at all.</summary>
internal static class BottleneckFolder
{
    /// <summary>MODEL-layer8-MixerOutput-variance.json.</summary>
    public static string NameOf(BottleneckFile file) => $"{file.Model}-layer{file.Layer}-{file.Site}-{file.Recipe}.json";

    public static async Task WriteAsync(string folder, IEnumerable<BottleneckFile> files, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        foreach (var file in files)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await WholeFile.WriteJsonAsync(Path.Combine(folder, NameOf(file)), file, cancellationToken);
        }
    }
}
