using Sweep.Execution.Prefix;
using Sweep.Models.Architectures;
using Sweep.Models.Steering;

namespace Sweep.Perf.Gpu;

/// <summary>Micro-batches at random: shapes, sites, operations, counts of rows, what is asked.</summary>
internal sealed class SoakBatches(int seed)
{
    private const float Overflowing = 3e38f;

    private readonly Random _random = new(seed);

    /// <summary>One batch, and which of its rows leave the finite numbers on purpose.</summary>
    /// <param name="config">The model that it is for.</param>
    /// <param name="mostPrompts">Prompts, 1 or more.</param>
    /// <param name="mostTokens">Of a prompt.</param>
    /// <param name="mostRows">Rows, 0 or more.</param>
    public (SteeredBatch Batch, IReadOnlySet<int> Overflowing) Next(ModelConfig config, int mostPrompts, int mostTokens, int mostRows)
    {
        var prompts = Enumerable.Range(0, _random.Next(1, mostPrompts + 1)).Select(_ => Prompt(config, mostTokens)).ToArray();
        var rows = Enumerable.Range(0, _random.Next(0, mostRows + 1)).Select(_ => Row(config)).ToArray();
        var overflowing = new HashSet<int>();
        if (rows.Length > 0 && _random.Next(50) == 0)
        {
            var row = _random.Next(rows.Length);
            // The square of it is no number of any dtype.
            var twice = new Intervention { Layer = _random.Next(config.LayerCount), Site = Site.MixerOutput, Operation = Operation.Scale, Channels = [0, 1, 2, 3, 4, 5, 6, 7], Scalar = Overflowing };
            rows[row] = [twice, twice];
            overflowing.Add(row);
        }

        return (new SteeredBatch { Prompts = prompts, Rows = rows }, overflowing);
    }

    public bool Chance(int one) => _random.Next(one) == 0;

    public int Below(int limit) => _random.Next(limit);

    /// <summary>Prompts of one length under rows at one layer: much memory for little time.</summary>
    public SteeredBatch Large(ModelConfig config, int prompts, int tokens, int rows) => new()
    {
        Prompts = [.. Enumerable.Range(0, prompts).Select(_ => new PromptRequest { PromptTokens = Tokens(config, tokens), Continuations = [Tokens(config, 1)] })],
        Rows = [.. Enumerable.Range(0, rows).Select(row => (Intervention[])[Scale(config, config.LayerCount - 2, Site.MixerOutput, 0.5 + (0.25 * row))])],
    };

    private PromptRequest Prompt(ModelConfig config, int mostTokens) => new()
    {
        PromptTokens = Tokens(config, _random.Next(1, mostTokens + 1)),
        Continuations = [.. Enumerable.Range(0, _random.Next(4)).Select(_ => Tokens(config, _random.Next(1, 7)))],
        ScorePrompt = Chance(3),
        Generation = Chance(3) ? new GenerationRequest { MaxNewTokens = _random.Next(0, 9), StopTokens = new HashSet<int> { 0 } } : null,
    };

    private int[] Tokens(ModelConfig config, int count) => [.. Enumerable.Range(0, count).Select(_ => _random.Next(1, config.VocabularySize))];

    private Intervention[] Row(ModelConfig config) => [.. Enumerable.Range(0, _random.Next(4)).Select(_ => Any(config))];

    private Intervention Any(ModelConfig config)
    {
        var site = SteerableSites.All[_random.Next(SteerableSites.All.Count)];
        var operation = Enum.GetValues<Operation>()[_random.Next(Enum.GetValues<Operation>().Length)];
        // A negative Δ would let the state grow without bound, which is no number soon.
        if (site == Site.Delta && operation != Operation.ZeroAblate)
            return Scale(config, _random.Next(config.LayerCount), site, 0.25 + (1.5 * _random.NextDouble()));
        var one = Scale(config, _random.Next(config.LayerCount), site, (_random.NextDouble() * 4) - 1) with { Operation = operation };
        return operation is Operation.MeanAblate or Operation.Add ? one with { Values = [.. one.Channels.Select(_ => (float)(_random.NextDouble() - 0.5))] } : one;
    }

    private Intervention Scale(ModelConfig config, int layer, Site site, double scalar) => new()
    {
        Layer = layer,
        Site = site,
        Operation = Operation.Scale,
        Positions = Enum.GetValues<PositionScope>()[_random.Next(Enum.GetValues<PositionScope>().Length)],
        Channels = [.. Enumerable.Range(0, _random.Next(1, 24)).Select(_ => _random.Next(config.DModel)).Distinct().Order()],
        Scalar = scalar,
    };
}
