using System.Text.Json;
using System.Text.RegularExpressions;
using Sweep.Contracts.Plans.Reading;

namespace Sweep.Contracts.Plans.Templates;

/// <summary>
/// A plan with gaps: "${NAME}" as a whole value becomes the parameter, whatever its type; within a longer text it becomes part of it. Values replace values and never text that
/// is read again, so that no parameter can add a field to a plan. plans/README.md has the syntax.
/// </summary>
public sealed partial class PlanTemplate
{
    private readonly string _source;
    private readonly PlanNode _plan;

    private PlanTemplate(string source, IReadOnlyList<TemplateParameter> parameters, PlanNode plan) => (_source, Parameters, _plan) = (source, parameters, plan);

    public IReadOnlyList<TemplateParameter> Parameters { get; }

    /// <param name="text">YAML or JSON: parameters and plan.</param>
    /// <param name="sourceName">How messages call it, usually the file's name.</param>
    /// <exception cref="InvalidPlanException">Every problem of the template itself.</exception>
    public static PlanTemplate Read(string text, string sourceName)
    {
        var reading = new PlanReading(sourceName);
        var template = PlanParser.Parse(text, reading) is { } root ? PlanFields.Of(reading, root, "", "a template's fields", fields => Template(fields, reading, sourceName)) : null;
        return template is null || reading.HasProblems ? throw reading.Refusal() : template;
    }

    /// <summary>The plan with these parameters.</summary>
    /// <exception cref="InvalidPlanException">Every parameter that is missing, unknown or out of bounds; or every problem of the plan that they make.</exception>
    public SweepPlan Fill(IReadOnlyDictionary<string, JsonElement> parameters)
    {
        var problems = new List<string>();
        var values = new Dictionary<string, TemplateValue>(StringComparer.Ordinal);
        foreach (var parameter in Parameters)
        {
            var given = parameters.TryGetValue(parameter.Name, out var element) && element.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined) ? element : (JsonElement?)null;
            if (given is null && parameter.Default is null)
                problems.Add($"parameters.{parameter.Name}: found none, expected {ExpectedOf(parameter)}");
            else if ((given is { } value ? Checked(parameter, value, problems) : parameter.Default) is { } known)
                values.Add(parameter.Name, known);
        }

        problems.AddRange(parameters.Keys.Except(Parameters.Select(parameter => parameter.Name), StringComparer.Ordinal).Order(StringComparer.Ordinal)
            .Select(name => $"parameters: found {PlanChecks.Shown(name)}, expected {(Parameters.Count == 0 ? "none" : PlanWords.OneOf([.. Parameters.Select(parameter => parameter.Name)]))}"));
        if (problems.Count > 0)
            throw new InvalidPlanException(problems);
        return PlanReader.Read(Filled(_plan, values), new PlanReading(_source));
    }

    private static PlanTemplate Template(PlanFields fields, PlanReading reading, string source)
    {
        fields.Text("description", "text");
        var parameters = ParameterReader.Read(fields, reading);
        var plan = fields.Find("plan");
        if (plan is null)
            reading.Add(1, 1, "plan", "found no field 'plan', expected a plan");
        var used = new HashSet<string>(StringComparer.Ordinal);
        foreach (var scalar in plan is null ? [] : Scalars(plan))
        {
            foreach (var name in Gap().Matches(scalar.Text).Select(match => match.Groups[1].Value))
            {
                used.Add(name);
                if (parameters.FirstOrDefault(parameter => parameter.Name == name) is not { } parameter)
                    reading.Add(scalar, "plan", "a parameter of this template");
                else if (parameter.Type is TemplateParameterType.Wholes or TemplateParameterType.Numbers && scalar.Text != $"${{{name}}}")
                    reading.Add(scalar, "plan", "a list as the whole value, not as a part of a text");
            }
        }

        foreach (var parameter in parameters.Where(parameter => !used.Contains(parameter.Name)))
            reading.Add(1, 1, $"parameters.{parameter.Name}", "found nothing in the plan that uses it");
        return new PlanTemplate(source, parameters, plan ?? new MappingNode([], 1, 1));
    }

    private static TemplateValue? Checked(TemplateParameter parameter, JsonElement given, List<string> problems)
    {
        var node = Node(given);
        var (value, expected) = ParameterValues.Of(parameter, node);
        if (value is null)
            problems.Add($"parameters.{parameter.Name}: found {node.Describe()}, expected {expected}");
        return value;
    }

    private static string ExpectedOf(TemplateParameter parameter) => ParameterValues.Of(parameter, new MappingNode([], 1, 1)).Expected;

    /// <summary>A JSON value as the plan's own reader would see it.</summary>
    private static PlanNode Node(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => new ScalarNode(element.GetString()!, Plain: false, 1, 1),
        JsonValueKind.Array => new SequenceNode([.. element.EnumerateArray().Select(Node)], 1, 1),
        JsonValueKind.Object => new MappingNode([.. element.EnumerateObject().Select(member => new PlanField(member.Name, Node(member.Value), 1, 1))], 1, 1),
        _ => new ScalarNode(element.GetRawText(), Plain: true, 1, 1),
    };

    private static PlanNode Filled(PlanNode node, Dictionary<string, TemplateValue> values) => node switch
    {
        ScalarNode scalar when Gap().Match(scalar.Text) is { Success: true } match && match.Length == scalar.Text.Length => values[match.Groups[1].Value].At(scalar.Line, scalar.Column),
        ScalarNode scalar when Gap().IsMatch(scalar.Text) => scalar with { Text = Gap().Replace(scalar.Text, match => values[match.Groups[1].Value].Inline()), Plain = false },
        SequenceNode list => list with { Items = [.. list.Items.Select(item => Filled(item, values))] },
        MappingNode group => group with { Fields = [.. group.Fields.Select(field => field with { Value = Filled(field.Value, values) })] },
        _ => node,
    };

    private static IEnumerable<ScalarNode> Scalars(PlanNode node) => node switch
    {
        ScalarNode scalar => [scalar],
        SequenceNode list => list.Items.SelectMany(Scalars),
        MappingNode group => group.Fields.SelectMany(field => Scalars(field.Value)),
        _ => [],
    };

    [GeneratedRegex(@"\$\{([^}]*)\}", RegexOptions.CultureInvariant)]
    private static partial Regex Gap();
}
