using System.Text.RegularExpressions;

namespace Sweep.Deployment.Tests.Images;

/// <summary>Which paths of the checkout a build sees: the last line that matches decides, and a folder's line means what lies in it.</summary>
internal sealed class DockerIgnore
{
    private readonly List<(Regex Pattern, bool IsIgnored)> _lines = [];

    public DockerIgnore(string text)
    {
        foreach (var line in text.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0 && !line.StartsWith('#')))
        {
            var isIgnored = !line.StartsWith('!');
            var pattern = Regex.Escape(line.TrimStart('!')).Replace(@"\*\*/", "(.*/)?", StringComparison.Ordinal).Replace(@"\*", "[^/]*", StringComparison.Ordinal);
            _lines.Add((new Regex($"^{pattern}(/.*)?$", RegexOptions.CultureInvariant), isIgnored));
        }
    }

    /// <param name="path">Relative, with slashes.</param>
    public bool Ignores(string path) => _lines.LastOrDefault(line => line.Pattern.IsMatch(path)).IsIgnored;
}
