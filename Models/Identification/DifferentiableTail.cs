using Sweep.Models.Mamba;
using Sweep.Models.Steering;
using static TorchSharp.torch;

namespace Sweep.Models.Identification;

/// <summary>
/// What follows a site of a layer, once more and for one sequence, in operations that autograd can follow: nothing is written in place. Works on copies of the weights, because
/// those of a model that runs in inference mode cannot be differentiated through.
/// </summary>
internal sealed class DifferentiableTail
{
    private static readonly Site[] Sites = [Site.SsmOutput, Site.GatedOutput, Site.MixerOutput, Site.ResidualPost];

    private readonly TorchOperations _operations = new();
    private readonly MambaModel _model;
    private readonly int _layer;
    private readonly Site _site;

    public DifferentiableTail(MambaModel model, int layer, Site site)
    {
        if (!Supports(site))
            throw new NotSupportedException($"gradients at {site}: expected one of {string.Join(", ", Sites)}");
        (_model, _layer, _site) = (model, layer, site);
    }

    public static bool Supports(Site site) => Sites.Contains(site);

    /// <summary>What the tail needs beside the site's own activation.</summary>
    public IReadOnlyList<(int Layer, Site Site)> Places => [(_layer, _site), (_layer, Site.ResidualPre), (_layer, Site.Gate)];

    /// <summary>Logits [L, V] if the site held this activation [1, L, width].</summary>
    public Tensor Logits(Tensor activation, Tensor residual, Tensor gate)
    {
        var (weights, block) = (_model.Weights, _model.Blocks[_layer]);
        var x = _site switch
        {
            Site.ResidualPost => activation,
            Site.MixerOutput => residual + activation,
            Site.GatedOutput => residual + block.Weights.OutProjection.Differentiable(activation),
            _ => residual + block.Weights.OutProjection.Differentiable(block.DifferentiableGate(activation, gate, _operations)),
        };
        foreach (var above in _model.Blocks.Skip(_layer + 1))
            x += above.DifferentiableMixer(x, _operations);
        return weights.Head.Differentiable(_operations.Norm(x, weights.FinalNorm.clone(), _model.Config.NormEpsilon))[0];
    }
}
