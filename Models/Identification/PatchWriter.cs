using Sweep.Models.Steering;

namespace Sweep.Models.Identification;

/// <summary>What takes the place of an intervention's values.</summary>
/// <param name="Intervention">Any that writes.</param>
/// <param name="Activation">Of the other run at the intervention's site, [positions, width].</param>
/// <param name="Offset">Position there of the first of the pass.</param>
/// <param name="Positions">Of the pass, ascending; null: all.</param>
internal sealed record PatchSource(Intervention Intervention, float[] Activation, int Offset, IReadOnlyList<int>? Positions);

/// <summary>Writes what another run had there, position by position.</summary>
internal sealed class PatchWriter(IEnumerable<PatchSource> sources) : InterventionWriter
{
    private readonly Dictionary<Intervention, PatchSource> _sources = new(sources.Select(source => KeyValuePair.Create(source.Intervention, source)), ReferenceEqualityComparer.Instance);

    public override unsafe void Write(CompiledIntervention intervention, float* activation, long stride, int positions)
    {
        var source = _sources[intervention.Source];
        var width = source.Activation.Length / (source.Offset + positions);
        foreach (var position in source.Positions ?? Enumerable.Range(0, positions))
        {
            var values = source.Activation.AsSpan((source.Offset + position) * width, width);
            foreach (var channel in intervention.Channels)
                activation[(position * stride) + channel] = values[channel];
        }
    }
}
