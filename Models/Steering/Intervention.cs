namespace Sweep.Models.Steering;

/// <summary>What an intervention does to the activation of its channels.</summary>
public enum Operation
{
    /// <summary>Multiply by the scalar; 1 is the identity.</summary>
    Scale,

    /// <summary>Set to 0.</summary>
    ZeroAblate,

    /// <summary>Set to the given value of each channel, its mean over a calibration text.</summary>
    MeanAblate,

    /// <summary>Add scalar · value of each channel; 0 is the identity.</summary>
    Add,
}

/// <summary>Which positions of a row an intervention touches.</summary>
public enum PositionScope
{
    /// <summary>The prompt and every generated or teacher-forced token.</summary>
    All,

    /// <summary>The prompt only.</summary>
    Prompt,

    /// <summary>Generated or teacher-forced tokens only.</summary>
    Generated,

    /// <summary>The last prompt position only.</summary>
    Last,
}

/// <summary>One change of some channels of one site of one layer.</summary>
public sealed record Intervention
{
    /// <summary>0-based.</summary>
    public required int Layer { get; init; }

    public required Site Site { get; init; }

    public required Operation Operation { get; init; }

    public PositionScope Positions { get; init; } = PositionScope.All;

    /// <summary>Ascending, distinct, below the site's width.</summary>
    public required IReadOnlyList<int> Channels { get; init; }

    /// <summary>For Scale and Add; ignored by the ablations.</summary>
    public double Scalar { get; init; } = 1;

    /// <summary>One value a channel, in the order of <see cref="Channels"/>: the means of MeanAblate, the vector of Add. Null otherwise.</summary>
    public IReadOnlyList<double>? Values { get; init; }

    /// <summary>True for scale by 1 and add of 0, and for no other operation.</summary>
    public bool IsIdentity => (Operation == Operation.Scale && Scalar == 1) || (Operation == Operation.Add && Scalar == 0);
}
