namespace Sweep.Contracts.Plans.Reading;

/// <summary>The state of one reading: the source's name, every problem so far and where each path of the plan stands in the text.</summary>
internal sealed class PlanReading(string source)
{
    private readonly Dictionary<string, (int Line, int Column)> _places = new(StringComparer.Ordinal) { [""] = (1, 1) };
    private readonly List<(int Line, int Column, string Path, string Message)> _problems = [];

    public bool HasProblems => _problems.Count > 0;

    /// <summary>Every problem, "FILE:LINE:COLUMN: path: message" in the order of the text.</summary>
    public InvalidPlanException Refusal() => new(
        source,
        [.. _problems
            .OrderBy(problem => problem.Line)
            .ThenBy(problem => problem.Column)
            .Select(problem => new PlacedProblem(problem.Line, problem.Column, new PlanProblem(problem.Path, problem.Message)))]);

    public void Place(string path, int line, int column) => _places[path] = (line, column);

    public void Add(int line, int column, string path, string message) => _problems.Add((line, column, path, message));

    public void Add(PlanNode node, string path, string expected) => Add(node.Line, node.Column, path, $"found {node.Describe()}, expected {expected}");

    /// <summary>Adds a validator's problems at the places of their paths, but those about a part of the text that could not be read.</summary>
    public void AddStructural(IReadOnlyList<PlanProblem> problems)
    {
        var unread = _problems.Select(problem => problem.Path).ToArray();
        foreach (var problem in problems)
        {
            if (unread.Any(known => Covers(known, problem.Path) || Covers(problem.Path, known)))
                continue;
            var path = problem.Path;
            (int Line, int Column) place;
            while (!_places.TryGetValue(path, out place))
                path = Parent(path);
            Add(place.Line, place.Column, problem.Path, problem.Message);
        }
    }

    private static bool Covers(string outer, string inner) =>
        inner.StartsWith(outer, StringComparison.Ordinal) && (outer.Length == 0 || inner.Length == outer.Length || inner[outer.Length] is '.' or '[');

    private static string Parent(string path) => path[..Math.Max(0, path.LastIndexOfAny(['.', '[']))];
}
