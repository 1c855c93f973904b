namespace Sweep.Contracts.Plans;

/// <summary>What each bottleneck is compared with, at every scalar. The counted kinds are channel sets of its size; a null is none.</summary>
public sealed record ControlsPlan
{
    /// <summary>Sets of every ranked kind where nothing else is said: with them a corrected p can be as small as 1/21.</summary>
    public const int UsualSets = 20;

    /// <summary>The same of the word strict.</summary>
    public const int StrictSets = 200;

    private const int UsualOthers = 3;

    /// <summary>K random sets at the same layers and sites: those that ranks and their p are of. Default: 20.</summary>
    public int Random { get; init; } = UsualSets;

    /// <summary>Random sets whose activations have the norm of the bottleneck's, as nearly as channels outside it allow; ranked by themselves.</summary>
    public int? NormMatched { get; init; }

    /// <summary>The same by the variance of the time-mean: what distinguishes a bottleneck from channels that merely vary as much.</summary>
    public int? VarianceMatched { get; init; }

    /// <summary>All channels of the site but the bottleneck's.</summary>
    public bool? Complement { get; init; }

    /// <summary>All channels of the site, scaled alike so that the output has the norm that it has with the bottleneck.</summary>
    public bool? EqualNorm { get; init; }

    /// <summary>The same channels at so many other layers, spread evenly.</summary>
    public int? OtherLayers { get; init; }

    /// <summary>So many random sets at the same layer with none of the bottleneck's channels.</summary>
    public int? OtherChannels { get; init; }

    /// <summary>Kinds that only a calibration text can make, by their names in a plan.</summary>
    public IEnumerable<string> NeedingCalibration()
    {
        if (NormMatched > 0)
            yield return "norm_matched";
        if (VarianceMatched > 0)
            yield return "variance_matched";
        if (EqualNorm == true)
            yield return "equal_norm";
    }

    /// <summary>Of a plan that says nothing: everything that can be made.</summary>
    /// <param name="calibrated">Whether the plan has a calibration text.</param>
    public static ControlsPlan Usual(bool calibrated) => Of(UsualSets, calibrated);

    /// <summary>Of the word strict: everything, with enough sets for a p of 1/201. It needs a calibration text.</summary>
    public static ControlsPlan Strict() => Of(StrictSets, calibrated: true);

    private static ControlsPlan Of(int sets, bool calibrated) => new()
    {
        Random = sets,
        NormMatched = calibrated ? sets : null,
        VarianceMatched = calibrated ? sets : null,
        Complement = true,
        EqualNorm = calibrated ? true : null,
        OtherLayers = UsualOthers,
        OtherChannels = UsualOthers,
    };
}
