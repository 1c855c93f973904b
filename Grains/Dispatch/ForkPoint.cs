using Sweep.Contracts.Jobs;
using Sweep.Contracts.Plans;

namespace Sweep.Grains.Dispatch;

/// <summary>Where rows part from the shared pass: the lowest steered layer and, in it, the first recomputed tensor.</summary>
internal readonly record struct ForkPoint(int Layer, int Site) : IComparable<ForkPoint>
{
    /// <summary>Sites in the order in which a block computes them.</summary>
    private static readonly string[] Sites =
    [
        "ResidualPre", "NormalizedInput", "InProjection", "Convolution", "SsmInput", "Delta", "SsmState", "Gate", "SsmOutput", "GatedOutput", "MixerOutput", "ResidualPost",
    ];

    /// <summary>Of the baseline: nothing is recomputed.</summary>
    public static ForkPoint None { get; } = new(int.MaxValue, 0);

    public static ForkPoint Of(IReadOnlyList<InterventionSpec> interventions) =>
        interventions.Count == 0 ? None : interventions.Min(intervention => new ForkPoint(intervention.Layer, Math.Max(0, Array.IndexOf(Sites, intervention.Site))));

    public int CompareTo(ForkPoint other) => (Layer, Site).CompareTo((other.Layer, other.Site));

    /// <summary>Multiply-adds a token that each row needs above the fork. Convolution to scan count as one piece, so the SSM sites are an upper bound.</summary>
    public double RecomputedMultiplyAdds(ResolvedModel model)
    {
        if (this == None)
            return 0;
        double block = model.BlockMultiplyAdds;
        var inputProjection = Math.Min(block, 2.0 * model.DModel * model.DInner);
        var outputProjection = Math.Min(block, (double)model.DModel * model.DInner);
        var inLayer = Site < Sites.Length ? Sites[Site] switch
        {
            "ResidualPre" or "NormalizedInput" => block,
            "InProjection" or "Convolution" or "SsmInput" or "Delta" or "SsmState" => block - inputProjection,
            "Gate" or "SsmOutput" or "GatedOutput" => outputProjection,
            _ => 0,
        } : 0;
        return inLayer + block * Math.Max(0, model.Layers - 1 - Layer);
    }
}
