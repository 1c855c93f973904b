using Sweep.Models.Kernels;
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
        var weights = _model.Weights;
        var x = _site switch
        {
            Site.ResidualPost => activation,
            Site.MixerOutput => residual + activation,
            Site.GatedOutput => residual + Linear(activation, weights.Layers[_layer].OutProjection),
            _ => residual + Linear(activation * gate, weights.Layers[_layer].OutProjection),
        };
        for (var layer = _layer + 1; layer < _model.Config.LayerCount; layer++)
            x += Block(weights.Layers[layer], x);
        return Linear(_operations.Norm(x, weights.FinalNorm.clone(), _model.Config.NormEpsilon), weights.Head)[0];
    }

    /// <summary>The mixer of x [1, L, d_model], its norm included.</summary>
    private Tensor Block(MambaLayerWeights weights, Tensor x)
    {
        var config = _model.Config;
        int e = config.DInner, n = config.DState, r = config.DtRank, k = config.DConv;
        var hz = Linear(_operations.Norm(x, weights.Norm.clone(), config.NormEpsilon), weights.InProjection); // [1, L, 2E]
        var length = hz.shape[1];
        var padded = cat([zeros([1, k - 1, e]), hz.narrow(2, 0, e)], 1); // [1, K − 1 + L, E]
        var taps = weights.Convolution.clone().to(float32);
        var h = Enumerable.Range(0, k).Select(tap => padded.narrow(1, tap, length) * taps[tap]).Aggregate((sum, term) => sum + term); // [1, L, E]
        h = nn.functional.silu(weights.ConvolutionBias is { } bias ? h + bias.clone() : h);
        var p = Linear(h, weights.SsmProjection); // [1, L, R + 2N]
        var delta = nn.functional.softplus(Linear(p.narrow(2, 0, r), weights.DeltaProjection), 1, 20); // [1, L, E]
        // The scan reads an fp32 copy of this state and writes its end over it, which must not be what the first step is differentiated by.
        var state = zeros([1, e, n], float64);
        var y = SelectiveScan.Reference(h, delta, weights.A.clone().t(), p.narrow(2, r, n), p.narrow(2, r + n, n), weights.D.clone(), state); // [1, L, E]
        return Linear(y * nn.functional.silu(hz.narrow(2, e, e)), weights.OutProjection); // [1, L, d_model]
    }

    private static Tensor Linear(Tensor x, LinearWeight weight) =>
        nn.functional.linear(x, weight.Matrix.clone(), weight.Bias?.clone()).narrow(-1, 0, weight.Outputs);
}
