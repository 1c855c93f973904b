using Sweep.Models.Steering;
using static TorchSharp.torch;

namespace Sweep.Models.Identification;

/// <summary>Writes what another run had there, position by position.</summary>
internal sealed class PatchWriter : InterventionWriter
{
    private readonly Dictionary<Intervention, (float[] Values, int Width)> _sources = new(ReferenceEqualityComparer.Instance);

    /// <param name="sources">[1, L, width] of each intervention's site.</param>
    public PatchWriter(IEnumerable<(Intervention Intervention, Tensor Activation)> sources)
    {
        var copied = new Dictionary<Tensor, float[]>(ReferenceEqualityComparer.Instance);
        foreach (var (intervention, activation) in sources)
        {
            if (!copied.TryGetValue(activation, out var values))
            {
                using var scope = NewDisposeScope();
                copied[activation] = values = activation.to(float32).cpu().contiguous().data<float>().ToArray();
            }

            _sources[intervention] = (values, (int)activation.shape[2]);
        }
    }

    public override unsafe void Write(CompiledIntervention intervention, float* activation, long stride, int positions)
    {
        var (values, width) = _sources[intervention.Source];
        for (var position = 0; position < positions; position++, activation += stride)
        {
            foreach (var channel in intervention.Channels)
                activation[channel] = values[(position * width) + channel];
        }
    }
}
