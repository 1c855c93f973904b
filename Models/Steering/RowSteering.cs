using Sweep.Models.Mamba;

namespace Sweep.Models.Steering;

/// <summary>The interventions of one row of one pass. Identities (scale 1, add 0) are left out, so that they are bit for bit the unsteered run.</summary>
public sealed class RowSteering
{
    private readonly Dictionary<(int Layer, Site Site), CompiledIntervention[]> _bySite;

    /// <param name="interventions">In plan order; several at one site apply in this order.</param>
    /// <param name="config">What they must fit; see <see cref="SteerableSites.Validate"/>.</param>
    public RowSteering(IReadOnlyList<Intervention> interventions, MambaConfig config)
    {
        foreach (var intervention in interventions)
            SteerableSites.Validate(intervention, config);
        Interventions = [.. interventions.Where(intervention => !intervention.IsIdentity && intervention.Channels.Count > 0)];
        _bySite = Interventions.GroupBy(intervention => (intervention.Layer, intervention.Site))
            .ToDictionary(group => group.Key, group => group.Select(intervention => new CompiledIntervention(intervention)).ToArray());
    }

    /// <summary>Those that change anything.</summary>
    public IReadOnlyList<Intervention> Interventions { get; }

    /// <summary>Where they are, in plan order.</summary>
    internal IReadOnlyCollection<(int Layer, Site Site)> Places => _bySite.Keys;

    internal ReadOnlySpan<CompiledIntervention> At(int layer, Site site) => _bySite.GetValueOrDefault((layer, site));
}
