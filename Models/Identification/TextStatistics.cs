using System.Runtime.InteropServices;
using Sweep.Models.Architectures;
using Sweep.Models.Kernels;
using Sweep.Models.Mamba;
using Sweep.Models.Steering;
using static TorchSharp.torch;

namespace Sweep.Models.Identification;

/// <summary>
/// Reads texts one at a time and keeps sums only: of every site its channels' moments and X'X, the texts' means; of the residual streams a bounded sample of positions. Not thread-safe; it belongs
/// to the model's thread.
/// </summary>
public sealed class TextStatistics : IDisposable
{
    /// <summary>Positions at which all residual streams are kept for <see cref="TextDiagnostics.Cka"/>, unless there are fewer.</summary>
    public const int MostSampled = 1024;

    /// <summary>Positions whose logits are made at a time.</summary>
    private const int PositionsAtOnce = 128;

    private readonly (int Layer, Site Site)[] _places;
    private readonly Dictionary<(int Layer, Site Site), SiteSums> _sums;
    private readonly List<Tensor>[] _samples;
    private readonly double[] _lens;
    private readonly long _expected;
    private readonly int _sampled;
    private long _positions;
    private int _texts;

    /// <param name="config">Of the model that will read.</param>
    /// <param name="places">Sites to look at; SsmState is none of them.</param>
    /// <param name="positions">Tokens of all texts that will be read, over which the sample is spread.</param>
    public TextStatistics(ModelConfig config, IEnumerable<(int Layer, Site Site)> places, long positions, int mostSampled = MostSampled)
    {
        _places = [.. places.Distinct()];
        if (_places.Any(place => place.Site == Site.SsmState))
            throw new ArgumentException("SsmState has no last axis of channels");
        _sums = _places.ToDictionary(place => place, place => new SiteSums(SteerableSites.Width(place.Site, config)));
        _samples = [.. Enumerable.Range(0, config.LayerCount).Select(_ => new List<Tensor>())];
        _lens = new double[config.LayerCount];
        (_expected, _sampled) = (positions, (int)Math.Min(positions, mostSampled));
    }

    /// <summary>One text of at least one token.</summary>
    public void Read(MambaModel model, IReadOnlyList<int> tokens, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        var input = tensor([.. tokens.Select(token => (long)token)], [1, tokens.Count]);
        var pass = new Pass(TokenSpans.Full(1, tokens.Count), null, null, new Reader(this, model));
        using var state = model.NewState(pass);
        model.RunLayers(input, state, pass, cancellationToken);
        _positions += tokens.Count;
        _texts++;
    }

    /// <summary>Of the texts so far; at least one.</summary>
    public TextDiagnostics Result()
    {
        if (_texts == 0)
            throw new InvalidOperationException("no text was read");
        using var scope = NewDisposeScope();
        var samples = _samples.Select(pieces => cat(pieces, 0)).ToArray();
        return new TextDiagnostics
        {
            Sites = [.. _places.Select(place => _sums[place].Result(place.Layer, place.Site))],
            Halves = _places.ToDictionary(place => place, place => (_sums[place].Even, _sums[place].Odd)),
            TimeMeans = _places.ToDictionary(place => place, place => _sums[place].TimeMeans),
            Cka = LinearCka.Matrix(samples),
            CkaPositions = (int)samples[0].shape[0],
            LogitLensEntropy = [.. _lens.Select(sum => sum / _positions)],
            Positions = _positions,
        };
    }

    public void Dispose()
    {
        foreach (var sums in _sums.Values)
            sums.Dispose();
        foreach (var sample in _samples.SelectMany(pieces => pieces))
            sample.Dispose();
    }

    private void See(MambaModel model, int layer, Site site, Tensor activation)
    {
        using var scope = NewDisposeScope();
        var rows = activation[0].to(float32); // [L, width]
        if (_sums.TryGetValue((layer, site), out var sums))
            sums.Add(rows.cpu().contiguous(), isOdd: _texts % 2 == 1);
        if (site != Site.ResidualPost)
            return;
        Sample(layer, rows);
        for (long first = 0; first < rows.shape[0]; first += PositionsAtOnce)
            _lens[layer] += Entropy.OfSoftmax(model.Head(activation[0].narrow(0, first, Math.Min(PositionsAtOnce, rows.shape[0] - first)).unsqueeze(0)));
    }

    /// <summary>Position p is taken where p · sampled / expected passes a whole number.</summary>
    private void Sample(int layer, Tensor rows)
    {
        long Passed(long position) => position * _sampled / _expected;
        long[] taken = [.. Enumerable.Range(0, (int)rows.shape[0]).Select(at => (long)at).Where(at => Passed(_positions + at + 1) > Passed(_positions + at))];
        if (taken.Length > 0)
            _samples[layer].Add(rows.index_select(0, tensor(taken, device: rows.device)).cpu().DetachFromDisposeScope());
    }

    private sealed class Reader(TextStatistics statistics, MambaModel model) : IActivationRecorder
    {
        public IReadOnlyList<int> StatePositions => [];

        public bool Wants(int layer, Site site) => site == Site.ResidualPost || statistics._sums.ContainsKey((layer, site));

        public void Record(int layer, Site site, Tensor activation) => statistics.See(model, layer, site, activation);
    }

    /// <summary>One site's sums over the texts of each half.</summary>
    private sealed class SiteSums(int width) : IDisposable
    {
        private readonly Tensor _gram = zeros([width, width], float64).DetachFromDisposeScope();
        private readonly List<double[]> _timeMeans = [];
        private double _softmax;

        /// <summary>[text][channel].</summary>
        public IReadOnlyList<double[]> TimeMeans => _timeMeans;

        public ChannelMoments Even { get; } = new(width);

        public ChannelMoments Odd { get; } = new(width);

        /// <summary>[L, width], contiguous fp32 on the CPU.</summary>
        public void Add(Tensor rows, bool isOdd)
        {
            using var scope = NewDisposeScope();
            _timeMeans.Add((isOdd ? Odd : Even).AddText(MemoryMarshal.Cast<byte, float>(rows.bytes)));
            var exact = rows.to(float64);
            _gram.add_(exact.t().mm(exact));
            _softmax += Entropy.OfSoftmax(rows);
        }

        public SiteDiagnostics Result(int layer, Site site)
        {
            var all = new ChannelMoments(width);
            all.Merge(Even);
            all.Merge(Odd);
            return new SiteDiagnostics { Layer = layer, Site = site, Moments = all, Rank = EffectiveRank.OfGram(_gram), SoftmaxEntropy = _softmax / all.Positions };
        }

        public void Dispose() => _gram.Dispose();
    }
}
