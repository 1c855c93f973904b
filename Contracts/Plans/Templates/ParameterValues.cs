using Sweep.Contracts.Plans.Reading;

namespace Sweep.Contracts.Plans.Templates;

/// <summary>Checks a value against the parameter it is for.</summary>
internal static class ParameterValues
{
    /// <summary>The value, or null and what was expected.</summary>
    public static (TemplateValue? Value, string Expected) Of(TemplateParameter parameter, PlanNode node) => parameter.Type switch
    {
        TemplateParameterType.Text => (PlanValues.Text(node) is { } text && IsAllowed(parameter, text) ? TemplateValue.OfText(text) : null, ExpectedText(parameter)),
        TemplateParameterType.Flag => ((node as ScalarNode)?.Flag is { } flag ? TemplateValue.OfFlag(flag) : null, "true or false"),
        TemplateParameterType.Whole or TemplateParameterType.Number => (Number(parameter, node) is { } number ? TemplateValue.OfNumber(number) : null, Expected(parameter)),
        _ => (Numbers(parameter, node) is { } numbers ? TemplateValue.OfNumbers(numbers) : null, $"a list of 1 to {parameter.Most}, each {Expected(parameter)}"),
    };

    /// <summary>Free text cannot name another folder: a value may become part of a path.</summary>
    private static bool IsAllowed(TemplateParameter parameter, string text) =>
        parameter.OneOf is { } words
            ? words.Contains(text, StringComparer.Ordinal)
            : text.Length is > 0 and <= PlanValidator.LongestName && text is not ("." or "..") && !text.Any(letter => char.IsControl(letter) || letter is '/' or '\\');

    private static string ExpectedText(TemplateParameter parameter) =>
        parameter.OneOf is { } words ? PlanWords.OneOf(words) : $"text of 1 to {PlanValidator.LongestName} characters without '/' and '\\'";

    private static double? Number(TemplateParameter parameter, PlanNode node)
    {
        var number = parameter.Type is TemplateParameterType.Whole or TemplateParameterType.Wholes ? PlanValues.Long(node) : PlanValues.Number(node);
        return number >= parameter.Minimum && number <= parameter.Maximum ? number : null;
    }

    private static List<double>? Numbers(TemplateParameter parameter, PlanNode node)
    {
        if (node is not SequenceNode list || list.Items.Count == 0 || list.Items.Count > parameter.Most)
            return null;
        var numbers = list.Items.Select(item => Number(parameter, item)).ToList();
        return numbers.Contains(null) ? null : [.. numbers.Select(number => number!.Value)];
    }

    private static string Expected(TemplateParameter parameter) =>
        $"{(parameter.Type is TemplateParameterType.Whole or TemplateParameterType.Wholes ? "a whole number" : "a number")} from {PlanChecks.Shown(parameter.Minimum)} to {PlanChecks.Shown(parameter.Maximum)}";
}
