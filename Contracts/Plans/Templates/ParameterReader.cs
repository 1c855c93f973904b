using Sweep.Contracts.Plans.Reading;

namespace Sweep.Contracts.Plans.Templates;

/// <summary>Reads a template's declaration of its parameters. A number without bounds, or a list without a longest length, is refused.</summary>
internal static class ParameterReader
{
    private const int LongestList = 1_000;

    private static readonly (string Word, TemplateParameterType Type)[] Types =
    [
        ("text", TemplateParameterType.Text), ("flag", TemplateParameterType.Flag), ("whole", TemplateParameterType.Whole),
        ("number", TemplateParameterType.Number), ("wholes", TemplateParameterType.Wholes), ("numbers", TemplateParameterType.Numbers),
    ];

    public static IReadOnlyList<TemplateParameter> Read(PlanFields template, PlanReading reading)
    {
        if (template.Find("parameters", nullable: true) is not { } node)
            return [];
        if (node is not MappingNode mapping)
        {
            reading.Add(node, "parameters", "a group of parameters by name");
            return [];
        }

        var parameters = new List<TemplateParameter>();
        foreach (var field in mapping.Fields)
        {
            var path = $"parameters.{field.Name}";
            if (!IsName(field.Name))
                reading.Add(field.Line, field.Column, "parameters", $"found the name {PlanChecks.Shown(field.Name)}, expected 1 to {PlanValidator.LongestName} letters, digits, '-' and '_'");
            else if (PlanFields.Of(reading, field.Value, path, "type, description, one_of, minimum, maximum, most, default", fields => Parameter(field, fields, reading)) is { } parameter)
                parameters.Add(parameter);
        }

        return parameters;
    }

    internal static bool IsName(string text) =>
        text.Length is > 0 and <= PlanValidator.LongestName && text.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_');

    private static TemplateParameter Parameter(PlanField field, PlanFields fields, PlanReading reading)
    {
        var word = fields.Text("type", PlanWords.OneOf([.. Types.Select(type => type.Word)]), required: true);
        var type = Types.FirstOrDefault(type => type.Word == word);
        if (word is not null && type.Word is null)
            reading.Add(fields.Find("type")!, fields.At("type"), PlanWords.OneOf([.. Types.Select(known => known.Word)]));
        var numeric = type.Type is TemplateParameterType.Whole or TemplateParameterType.Number or TemplateParameterType.Wholes or TemplateParameterType.Numbers;
        var list = type.Type is TemplateParameterType.Wholes or TemplateParameterType.Numbers;
        var parameter = new TemplateParameter
        {
            Name = field.Name,
            Type = type.Type,
            Description = fields.Text("description", "text"),
            OneOf = type.Type == TemplateParameterType.Text ? fields.List("one_of", "a list of texts", (node, path) => Text(node, path, reading), nullable: false) : null,
            Minimum = numeric ? Bound("minimum", fields, field, reading) : 0,
            Maximum = numeric ? Bound("maximum", fields, field, reading) : 0,
            Most = list ? fields.Whole("most", "a whole number", required: true, nullable: false) ?? 1 : 1,
        };
        if (numeric && parameter.Minimum > parameter.Maximum)
            reading.Add(field.Line, field.Column, fields.Path, $"found a minimum above the maximum ({PlanChecks.Shown(parameter.Minimum)}, {PlanChecks.Shown(parameter.Maximum)})");
        if (parameter.Most is < 1 or > LongestList)
            reading.Add(field.Line, field.Column, fields.At("most"), $"found {parameter.Most}, expected a whole number from 1 to {LongestList}");
        if (parameter.OneOf is { Count: 0 })
            reading.Add(field.Line, field.Column, fields.At("one_of"), "found an empty list, expected at least one text");
        if (fields.Find("default", nullable: true) is not { } given)
            return parameter;
        var (value, expected) = ParameterValues.Of(parameter, given);
        if (value is null)
            reading.Add(given, fields.At("default"), expected);
        return parameter with { Default = value };
    }

    private static double Bound(string name, PlanFields fields, PlanField field, PlanReading reading)
    {
        if (fields.Number(name, "a number", nullable: false) is { } bound)
            return bound;
        if (fields.Find(name) is null)
            reading.Add(field.Line, field.Column, fields.At(name), $"found no field '{name}', expected a number: every number of a template is bounded");
        return 0;
    }

    private static string? Text(PlanNode node, string path, PlanReading reading)
    {
        var text = PlanValues.Text(node);
        if (text is null)
            reading.Add(node, path, "text");
        return text;
    }
}
