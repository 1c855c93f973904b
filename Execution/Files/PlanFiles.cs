using Microsoft.Extensions.Options;
using Sweep.Contracts.Plans;
using Sweep.Execution.Hub;

namespace Sweep.Execution.Files;

/// <summary>Finds the files and folders that plans name, and keeps plans inside the roots whatever links lie there.</summary>
/// <param name="options">The roots.</param>
/// <param name="cache">Of models of a hub; null: there are none.</param>
internal sealed class PlanFiles(IOptions<ResolverOptions> options, ModelCache? cache = null)
{
    private readonly ResolverOptions _options = options.Value;

    /// <summary>The full path of a file, or a reason why there is none.</summary>
    public string? FindFile(string name, out string problem) => Find(name, new("file", File.Exists, "folder", Directory.Exists), out problem);

    /// <summary>The full path of a folder, or a reason why there is none; of a hub's model the folder in the cache.</summary>
    public string? FindFolder(string name, out string problem) => HubModel.IsNamedBy(name) ? FindCached(name, out problem) : Find(name, new("folder", Directory.Exists, "file", File.Exists), out problem);

    private string? FindCached(string name, out string problem)
    {
        if (HubModel.Parse(name, out problem) is not { } model)
            return null;
        if (cache?.Find(model) is { } cached)
            return cached.Folder;
        problem = $"found no {model} in the cache {cache?.Root}, expected it there; 'sweep models pull {model.Repository}@{model.Revision}' fetches it";
        return null;
    }

    private string? Find(string name, Kind kind, out string problem)
    {
        problem = "";
        if (name.Length == 0 || name.Contains('\0'))
        {
            problem = $"a {kind.Name} needs a name";
            return null;
        }

        if (Path.IsPathRooted(name))
        {
            var isAllowed = _options.AllowAbsolutePaths || IsInsideAny(Path.GetFullPath(name));
            if (isAllowed && kind.Exists(name))
                return Path.GetFullPath(name);
            problem = !isAllowed
                ? $"'{name}' is an absolute path; here names are relative to {Describe()}"
                : kind.Other(name, name) is { Length: > 0 } other ? other : kind.Missing(name, "");
            return null;
        }

        foreach (var root in _options.Roots)
        {
            var path = Path.GetFullPath(Path.Combine(Path.GetFullPath(root), name));
            var isInside = _options.AllowAbsolutePaths || IsInsideAny(path);
            if (isInside && problem.Length == 0)
                problem = kind.Other(name, path);
            if (!kind.Exists(path))
                continue;
            if (!isInside)
            {
                problem = $"'{name}' leads out of {Describe()}";
                return null;
            }

            problem = "";
            return path;
        }

        if (problem.Length == 0)
            problem = kind.Missing(name, $" in {Describe()}");
        return null;
    }

    private sealed record Kind(string Name, Func<string, bool> Exists, string OtherName, Func<string, bool> OtherExists)
    {
        /// <summary>Empty, or what stands there instead.</summary>
        public string Other(string name, string path) => OtherExists(path) ? $"found a {OtherName} of the name '{name}', expected a {Name}" : "";

        public string Missing(string name, string where) => $"{Name} '{name}' does not exist{where}";
    }

    private string Describe() => _options.Roots.Count == 0 ? "the roots (none is configured)" : string.Join(" or ", _options.Roots.Select(root => $"'{root}'"));

    /// <summary>A name that leads out of one root may lead into another.</summary>
    private bool IsInsideAny(string path)
    {
        var real = RealPath(path);
        return _options.Roots.Any(root => IsInside(real, root));
    }

    private static bool IsInside(string path, string root)
    {
        var real = RealPath(Path.GetFullPath(root));
        return path == real || path.StartsWith(Path.EndsInDirectorySeparator(real) ? real : real + Path.DirectorySeparatorChar, StringComparison.Ordinal);
    }

    /// <summary>The path with every link on the way followed.</summary>
    private static string RealPath(string path)
    {
        var real = Path.GetPathRoot(path)!;
        var parts = new Stack<string>(Parts(path).Reverse());
        for (var links = 0; parts.Count > 0;)
        {
            var part = parts.Pop();
            if (part == "..")
            {
                real = Path.GetDirectoryName(real) ?? Path.GetPathRoot(real)!;
                continue;
            }

            var next = Path.Combine(real, part);
            if (LinkTarget(next) is not { } target)
            {
                real = next;
                continue;
            }

            if (++links > 40)
                throw new IOException($"'{path}' has more than 40 links on its way");
            if (Path.IsPathRooted(target))
                real = Path.GetPathRoot(target)!;
            foreach (var step in Parts(target).Reverse())
                parts.Push(step);
        }

        return real;
    }

    private static IEnumerable<string> Parts(string path) =>
        path.Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries).Where(part => part != ".");

    private static string? LinkTarget(string path)
    {
        FileSystemInfo entry = Directory.Exists(path) ? new DirectoryInfo(path) : new FileInfo(path);
        return entry.LinkTarget;
    }
}
