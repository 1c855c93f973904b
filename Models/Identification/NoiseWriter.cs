using Sweep.Models.Checkpoints;
using Sweep.Models.Steering;

namespace Sweep.Models.Identification;

/// <summary>Normal noise around an intervention's values.</summary>
/// <param name="Intervention">A mean ablation.</param>
/// <param name="Deviations">One a channel of it.</param>
/// <param name="Seed">The same noise every time.</param>
internal sealed record NoiseSource(Intervention Intervention, IReadOnlyList<double> Deviations, ulong Seed);

/// <summary>Writes noise in place of the means of some interventions.</summary>
internal sealed class NoiseWriter(IEnumerable<NoiseSource> sources) : InterventionWriter
{
    private readonly Dictionary<Intervention, NoiseSource> _sources = new(sources.Select(source => KeyValuePair.Create(source.Intervention, source)), ReferenceEqualityComparer.Instance);

    public override unsafe void Write(CompiledIntervention intervention, float* activation, long stride, int positions)
    {
        if (!_sources.TryGetValue(intervention.Source, out var noise))
        {
            base.Write(intervention, activation, stride, positions);
            return;
        }

        var generator = new SplitMix64(noise.Seed);
        for (var position = 0; position < positions; position++, activation += stride)
        {
            for (var i = 0; i < intervention.Channels.Length; i++)
                activation[intervention.Channels[i]] = (float)(intervention.Values[i] + (noise.Deviations[i] * Normal(generator)));
        }
    }

    /// <summary>One standard normal number of two uniform ones (Box and Muller).</summary>
    private static double Normal(SplitMix64 generator)
    {
        double Uniform() => ((generator.Next() >> 11) + 0.5) / (1UL << 53);
        return Math.Sqrt(-2 * Math.Log(Uniform())) * Math.Cos(2 * Math.PI * Uniform());
    }
}
