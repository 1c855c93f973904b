using Sweep.Models.Kernels;
using Sweep.Models.Mamba;
using Sweep.Models.Steering;
using static TorchSharp.torch;

namespace Sweep.Models.Identification;

/// <summary>Activations weighted by how much the last position of their layer's scan attends to each position.</summary>
public static class AttentionWeighted
{
    /// <summary>v_c = Σ_t w_t x_{t,c} of each place, w from <see cref="HiddenAttention.LastWeights"/> of its layer.</summary>
    public static IReadOnlyList<double[]> Vectors(MambaModel model, IReadOnlyList<int> tokens, IReadOnlyList<(int Layer, Site Site)> places, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        using var recorder = new ActivationRecorder(places);
        var pass = new Pass(TokenSpans.Full(1, tokens.Count), null, null, recorder);
        using var state = model.NewState(pass);
        model.RunLayers(tensor([.. tokens.Select(token => (long)token)], [1, tokens.Count]), state, pass, cancellationToken).Dispose();
        var weights = places.Select(place => place.Layer).Distinct().ToDictionary(layer => layer, layer => tensor(HiddenAttention.LastWeights(model, tokens, layer, cancellationToken)));
        return [.. places.Select(place => weights[place.Layer].unsqueeze(0).mm(recorder[place.Layer, place.Site][0].to(float64).cpu())[0].data<double>().ToArray())];
    }
}
