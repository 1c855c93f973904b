using System.Text.Json;
using Sweep.Contracts.Json;

namespace Sweep.Cli.Output;

/// <summary>Writes files whole or not at all.</summary>
internal static class WholeFile
{
    /// <summary>Folders on the way to it are made.</summary>
    public static async Task WriteJsonAsync<T>(string path, T content, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        var partial = path + ".partial";
        try
        {
            await File.WriteAllTextAsync(partial, JsonSerializer.Serialize(content, SweepJson.Indented) + "\n", cancellationToken);
            File.Move(partial, path, overwrite: true);
        }
        catch
        {
            File.Delete(partial);
            throw;
        }
    }
}
