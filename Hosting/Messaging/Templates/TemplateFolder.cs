using Microsoft.Extensions.Options;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Plans.Templates;

namespace Sweep.Hosting.Messaging.Templates;

/// <summary>The plan templates that experiments may name: NAME.yaml in one folder, and nothing outside it whatever links lie there.</summary>
internal sealed class TemplateFolder(IOptions<MessagingOptions> options)
{
    private const int LongestName = 80;
    private const int LargestFile = 1 << 20;
    private const int MostLinks = 40;

    /// <exception cref="InvalidPlanException">There is no such template, or it is none.</exception>
    public PlanTemplate Read(string name)
    {
        if (options.Value.Templates is not { } folder)
            throw new InvalidPlanException($"template: found no templates here, expected {MessagingOptions.Key}:{nameof(MessagingOptions.Templates)} to name their folder");
        if (!IsName(name))
            throw new InvalidPlanException($"template: found '{Shown(name)}', expected 1 to {LongestName} letters, digits, '-', '_' and '.', and no '.' first");
        var file = $"{name}.yaml";
        var path = Path.Combine(Path.GetFullPath(folder), file);
        if (!File.Exists(path) || !IsInside(path, folder))
            throw new InvalidPlanException($"template: found no template '{name}', expected {Known(folder)}");
        return new FileInfo(path).Length > LargestFile
            ? throw new InvalidPlanException($"{file}: found {new FileInfo(path).Length} bytes, expected at most {LargestFile}")
            : PlanTemplate.Read(File.ReadAllText(path), file);
    }

    private static bool IsName(string name) =>
        name.Length is > 0 and <= LongestName && name[0] != '.' && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.');

    private static string Shown(string name) => string.Concat(name.Take(LongestName).Select(letter => char.IsControl(letter) ? ' ' : letter));

    private static string Known(string folder)
    {
        var names = Directory.EnumerateFiles(folder, "*.yaml").Where(file => IsInside(file, folder)).Select(file => Path.GetFileNameWithoutExtension(file)!)
            .Where(IsName).Order(StringComparer.Ordinal).Take(20).ToList();
        return names.Count == 0 ? "one of the folder's, which has none" : string.Join(", ", names);
    }

    private static bool IsInside(string path, string folder) =>
        RealPath(path).StartsWith(Path.TrimEndingDirectorySeparator(RealPath(Path.GetFullPath(folder))) + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    /// <summary>The path with every link on the way followed.</summary>
    private static string RealPath(string path)
    {
        for (var links = 0; links <= MostLinks; links++)
        {
            if (FirstLink(path) is not var (link, target, rest))
                return path;
            path = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(link)!, target, rest));
        }

        return Path.GetPathRoot(path)!;
    }

    private static (string Link, string Target, string Below)? FirstLink(string path)
    {
        var root = Path.GetPathRoot(path)!;
        var at = root;
        var parts = path[root.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries);
        for (var index = 0; index < parts.Length; index++)
        {
            at = Path.Combine(at, parts[index]);
            FileSystemInfo entry = Directory.Exists(at) ? new DirectoryInfo(at) : new FileInfo(at);
            if (entry.LinkTarget is { } target)
                return (at, target, Path.Combine([.. parts[(index + 1)..]]));
        }

        return null;
    }
}
