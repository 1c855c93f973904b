namespace Sweep.Models.Checkpoints;

/// <summary>Collects what is wrong with one thing, so that one error names it all.</summary>
internal sealed class ProblemList
{
    private const int Shown = 20;

    private readonly List<string> _problems = [];

    public bool Any => _problems.Count > 0;

    public void Add(string problem) => _problems.Add(problem);

    /// <summary>Throws when anything was added; the list is cut after 20 lines with the number of the others.</summary>
    /// <exception cref="InvalidCheckpointException">At least one problem.</exception>
    public void ThrowIfAny(string place)
    {
        if (_problems.Count == 0)
            return;
        if (_problems.Count == 1)
            throw new InvalidCheckpointException($"{place}: {_problems[0]}");
        var more = _problems.Count > Shown ? $"{Environment.NewLine}  and {_problems.Count - Shown} more" : "";
        var lines = string.Concat(_problems.Take(Shown).Select(problem => $"{Environment.NewLine}  {problem}"));
        throw new InvalidCheckpointException($"{place}: {_problems.Count} problems:{lines}{more}");
    }
}
