namespace Sweep.Contracts.Plans.Templates;

/// <summary>What a template lets its callers choose, always within bounds.</summary>
public sealed record TemplateParameter
{
    /// <summary>Letters, digits, '-' and '_'.</summary>
    public required string Name { get; init; }

    public required TemplateParameterType Type { get; init; }

    public string? Description { get; init; }

    /// <summary>The only texts allowed. Default: any text without '/' and '\'.</summary>
    public IReadOnlyList<string>? OneOf { get; init; }

    /// <summary>Of every number.</summary>
    public double Minimum { get; init; }

    public double Maximum { get; init; }

    /// <summary>Longest list.</summary>
    public int Most { get; init; }

    /// <summary>The value where the caller gives none. Default: none, the caller must give one.</summary>
    public TemplateValue? Default { get; init; }
}

/// <summary>Types of parameters.</summary>
public enum TemplateParameterType
{
    Text,
    Flag,
    Whole,
    Number,
    Wholes,
    Numbers,
}
