using System.Globalization;
using System.Text.RegularExpressions;

namespace Sweep.Models.Checkpoints;

/// <summary>Collects what is wrong with one thing, so that one error names it all. The same problem of several layers is one line that names them.</summary>
internal sealed partial class ProblemList
{
    /// <summary>No honest file has as many kinds of problems; a hostile one is not to fill the terminal.</summary>
    private const int MostLines = 1000;

    private readonly List<string> _problems = [];

    public void Add(string problem) => _problems.Add(problem);

    /// <exception cref="InvalidCheckpointException">At least one problem was added.</exception>
    public void ThrowIfAny(string place)
    {
        if (_problems.Count == 0)
            return;
        if (_problems.Count == 1)
            throw new InvalidCheckpointException($"{place}: {_problems[0]}");
        var lines = Lines().ToList();
        var more = lines.Count > MostLines ? $"{Environment.NewLine}  and {lines.Count - MostLines} lines more" : "";
        var shown = string.Concat(lines.Take(MostLines).Select(line => $"{Environment.NewLine}  {line}"));
        throw new InvalidCheckpointException($"{place}: {_problems.Count} problems:{shown}{more}");
    }

    /// <summary>In the order in which their first was added.</summary>
    private IEnumerable<string> Lines()
    {
        foreach (var alike in _problems.Select(problem => (Problem: problem, Layer: LayerNumber.Match(problem))).GroupBy(item => Kind(item.Problem, item.Layer), StringComparer.Ordinal))
        {
            var (problem, layer) = alike.First();
            if (alike.Skip(1).Any() && layer.Success)
                yield return $"{problem[..layer.Index]}{Ranges(alike.Select(item => int.Parse(item.Layer.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture)))}{problem[(layer.Index + layer.Length)..]}";
            else
                yield return problem;
        }
    }

    private static string Kind(string problem, Match layer) => layer.Success ? $"{problem[..layer.Index]}*{problem[(layer.Index + layer.Length)..]}" : problem;

    /// <summary>"{0-3,7}".</summary>
    private static string Ranges(IEnumerable<int> layers)
    {
        var ranges = new List<(int First, int Last)>();
        foreach (var layer in layers.Distinct().Order())
        {
            if (ranges.Count > 0 && ranges[^1].Last == layer - 1)
                ranges[^1] = (ranges[^1].First, layer);
            else
                ranges.Add((layer, layer));
        }

        return $"{{{string.Join(',', ranges.Select(range => range.First == range.Last ? $"{range.First}" : $"{range.First}-{range.Last}"))}}}";
    }

    // Written without leading zeros, so that the number stands for the name.
    [GeneratedRegex(@"(?<='backbone\.layers\.)(0|[1-9][0-9]{0,8})(?=\.)", RegexOptions.CultureInvariant)]
    private static partial Regex LayerNumber { get; }
}
