using Sweep.Models.Mamba;
using Sweep.Models.Steering;
using static TorchSharp.torch;

namespace Sweep.Execution.Prefix;

/// <summary>
/// Runs every prompt under every row of interventions in passes that share what does not depend on the row: the identity (the trunk) reads a
/// prompt once, each row joins at the lowest site that it steers. The same holds for continuations, and for generation as long as a row's tokens
/// are the trunk's.
/// </summary>
public sealed class SteeredExecutor : ISteeredExecutor
{
    private readonly MambaModel _model;
    private readonly bool _ownsModel;

    public SteeredExecutor(MambaModel model, bool ownsModel = false) => (_model, _ownsModel) = (model, ownsModel);

    public int ActivationBytes => _model.Device.type == TorchSharp.DeviceType.CUDA && _model.Dtype != ScalarType.Float32 ? 2 : sizeof(float);

    /// <summary>Prompts shorter than this share of the longest of a pass go to another pass.</summary>
    private const double ShortestShare = 0.75;

    public IReadOnlyList<IReadOnlyList<RowResult>> Run(SteeredBatch batch, CancellationToken cancellationToken)
    {
        Validate(batch);
        // Rows without effect are the identity; equal rows are not merged, since a plan that repeats a row asks for its cost too.
        var rows = batch.Rows.Select(interventions => new SteeredRow(new(interventions, _model.Config))).ToArray();
        var trunks = batch.Prompts.Select(prompt => new Lane { Prompt = prompt, Row = null }).ToArray();
        var lanes = rows.Select(row => trunks.Select(trunk => row.LaterFork is null ? trunk : new Lane { Prompt = trunk.Prompt, Row = row, Trunk = trunk }).ToArray()).ToArray();

        foreach (var group in GroupByLength(trunks))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var members = group.ToHashSet();
            RunGroup([.. group, .. lanes.SelectMany(row => row).Where(lane => !lane.IsTrunk && members.Contains(lane.Trunk))], cancellationToken);
        }

        return [.. lanes.Select(Results), Results(trunks)];
    }

    /// <summary>
    /// One row under every prompt with nothing shared: no identity runs beside it, so its receipts carry no KL. What each configuration costs by itself;
    /// scores and tokens are those of <see cref="Run"/>, bit for bit.
    /// </summary>
    public IReadOnlyList<RowResult> RunAlone(IReadOnlyList<PromptRequest> prompts, IReadOnlyList<Intervention> interventions, CancellationToken cancellationToken)
    {
        Validate(new SteeredBatch { Prompts = prompts, Rows = [interventions] });
        var row = new SteeredRow(new(interventions, _model.Config));
        var lanes = prompts.Select(prompt => new Lane { Prompt = prompt, Row = row }).ToArray();
        foreach (var group in GroupByLength(lanes))
            RunGroup([.. group], cancellationToken);
        return [.. lanes.Select(lane => lane.Result(asIdentity: false))];
    }

    public void ReleaseCaches() => _model.ReleaseCaches();

    public void Dispose()
    {
        if (_ownsModel)
            _model.Dispose();
    }

    private static IReadOnlyList<RowResult> Results(Lane[] lanes) => [.. lanes.Select(lane => lane.Result(asIdentity: lane.IsTrunk))];

    private static IEnumerable<List<Lane>> GroupByLength(IEnumerable<Lane> trunks)
    {
        List<Lane> group = [];
        foreach (var trunk in trunks.OrderByDescending(trunk => trunk.Prompt.PromptTokens.Count))
        {
            if (group.Count > 0 && trunk.Prompt.PromptTokens.Count < ShortestShare * group[0].Prompt.PromptTokens.Count)
            {
                yield return group;
                group = [];
            }

            group.Add(trunk);
        }

        if (group.Count > 0)
            yield return group;
    }

    private void RunGroup(Lane[] lanes, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        var trunkIndex = lanes.Index().Where(item => item.Item.IsRoot).ToDictionary(item => item.Item, item => item.Index);
        // A row that steers generated tokens only reads the prompt as the trunk.
        var pass = new LanePass(
            [.. lanes.Where(lane => lane.IsRoot || lane.Row!.PromptFork is not null).Select(lane => new PassLane(lane, lane.Prompt.PromptTokens)
            {
                Fork = lane.IsRoot ? null : lane.Row!.PromptFork,
                Source = trunkIndex[lane.Trunk],
                Meter = lane.Meter,
                Carried = (-1, -1),
            })],
            isPrompt: true,
            wantsLast: !lanes.Any(lane => lane.Prompt.ScorePrompt));
        using var state = _model.NewState(pass.Pass);
        PromptScores.Read(_model, pass, state, lanes, cancellationToken);
        var rowOf = pass.Lanes.Index().ToDictionary(item => item.Item.Lane, item => item.Index);
        (int Own, int Trunk) Carried(Lane lane) => (rowOf.GetValueOrDefault(lane, -1), rowOf[lane.Trunk]);

        ContinuationScores.Read(_model, lanes, state, Carried, cancellationToken);
        GreedyGeneration.Run(_model, lanes, state, Carried, cancellationToken);
    }

    private void Validate(SteeredBatch batch)
    {
        foreach (var prompt in batch.Prompts)
        {
            if (prompt.PromptTokens.Count == 0)
                throw new ArgumentException("a prompt needs at least one token");
            if (prompt.FirstScored < 1)
                throw new ArgumentException("the first token of a prompt follows from nothing and has no score");
            if (prompt.Continuations.Any(continuation => continuation.Count == 0))
                throw new ArgumentException("a continuation needs at least one token");
            Validate(prompt.PromptTokens);
            foreach (var continuation in prompt.Continuations)
                Validate(continuation);
        }
    }

    private void Validate(IReadOnlyList<int> tokens)
    {
        for (var i = 0; i < tokens.Count; i++)
        {
            if (tokens[i] < 0 || tokens[i] >= _model.Config.VocabularySize)
                throw new ArgumentException($"token {tokens[i]} does not lie in 0..{_model.Config.VocabularySize - 1}");
        }
    }
}
