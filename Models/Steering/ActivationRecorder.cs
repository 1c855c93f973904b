using TorchSharp;

namespace Sweep.Models.Steering;

/// <summary>
/// Sees activations as a pass computes them, after the interventions of their site. At padded positions a tensor holds numbers that nothing reads, and rows that join
/// further on are missing.
/// </summary>
public interface IActivationRecorder
{
    bool Wants(int layer, Site site);

    /// <summary>Positions of the padded batch after which the SSM state is recorded, ascending and distinct; other sites are recorded whole.</summary>
    IReadOnlyList<int> StatePositions { get; }

    /// <summary>The tensor is the pass's own: clone what is to outlive the call. SsmState is [rows, positions, d_inner, d_state].</summary>
    void Record(int layer, Site site, torch.Tensor activation);
}

/// <summary>Keeps clones of the activations at the chosen layers and sites.</summary>
public sealed class ActivationRecorder : IActivationRecorder, IDisposable
{
    private readonly HashSet<(int Layer, Site Site)> _wanted;
    private readonly Dictionary<(int Layer, Site Site), torch.Tensor> _recorded = [];

    public ActivationRecorder(IEnumerable<(int Layer, Site Site)> wanted, IReadOnlyList<int>? statePositions = null)
    {
        _wanted = [.. wanted];
        StatePositions = statePositions ?? [];
        if (StatePositions.Zip(StatePositions.Skip(1)).Any(pair => pair.First >= pair.Second) || StatePositions.Any(position => position < 0))
            throw new ArgumentException($"positions {string.Join(", ", StatePositions)} of SsmState: expected numbers from 0 that ascend and are distinct");
        if (_wanted.Any(place => place.Site == Site.SsmState) && StatePositions.Count == 0)
            throw new ArgumentException("SsmState is recorded at requested positions only: name them");
    }

    public IReadOnlyList<int> StatePositions { get; }

    /// <summary>What the last pass recorded, [rows, L, width]; owned by the recorder.</summary>
    public torch.Tensor this[int layer, Site site] => _recorded[(layer, site)];

    public bool Wants(int layer, Site site) => _wanted.Contains((layer, site));

    public void Record(int layer, Site site, torch.Tensor activation)
    {
        if (_recorded.Remove((layer, site), out var older))
            older.Dispose();
        _recorded[(layer, site)] = activation.clone().DetachFromDisposeScope();
    }

    public void Dispose()
    {
        foreach (var tensor in _recorded.Values)
            tensor.Dispose();
        _recorded.Clear();
    }
}
