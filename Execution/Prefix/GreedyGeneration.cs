using Sweep.Models.Mamba;

namespace Sweep.Execution.Prefix;

/// <summary>
/// Greedy decoding of all lanes together. Lanes under one prompt that have emitted the same tokens share the layers below their forks: one of them, the leader,
/// reads the token from the embedding on, the others join where they fork. A lane that emits another token takes copies of the leader's states there. Lanes that have
/// ended leave the batch.
/// </summary>
internal static class GreedyGeneration
{
    public static void Run(
        MambaModel model, IReadOnlyList<Lane> lanes, MambaState promptState, Func<Lane, (int Own, int Trunk)> carried, CancellationToken cancellationToken)
    {
        var live = lanes.Where(lane => lane.Prompt.Generation is { MaxNewTokens: > 0 }).ToList();
        var state = promptState;
        LanePass? current = null;
        try
        {
            foreach (var lane in lanes.Where(lane => lane.Prompt.Generation is { MaxNewTokens: <= 0 }))
                lane.GenerationTruncated = true;
            Take(live);
            for (var step = 1; live.Count > 0; step++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var pass = Arrange(live, carried);
                if (current is null || !SameRows(current, pass))
                {
                    var next = pass.Carry(state, model.Operations);
                    if (state != promptState)
                        state.Dispose();
                    state = next;
                }

                current = pass;
                Score(model, pass, state, step, cancellationToken);
                var rowOf = pass.Lanes.Index().ToDictionary(item => item.Item.Lane, item => item.Index);
                Take(live);
                carried = lane => (rowOf[lane], rowOf[lane.FormerLeader]);
            }
        }
        finally
        {
            if (state != promptState)
                state.Dispose();
        }
    }

    private static void Score(MambaModel model, LanePass pass, MambaState state, int step, CancellationToken cancellationToken)
    {
        using var x = pass.Run(model, state, cancellationToken);
        var scored = pass.Lanes.Select((lane, row) => new ScoredPosition { Row = row, Position = 0 }).ToArray();
        ScoredPosition.ScoreAll(model, x, scored, cancellationToken);
        pass.ReportDivergence((lane, layer, _) => lane.Lane.DivergeInGeneration(layer, step));
        foreach (var (row, lane) in pass.Lanes.Index())
        {
            lane.Lane.Chosen = scored[row].Likeliest;
            if (!scored[row].IsFinite)
                lane.Lane.DivergeInGeneration(model.Config.LayerCount, step);
        }
    }

    /// <summary>Gives each live lane its next token, ends those that end by it, and groups the others by what they have emitted.</summary>
    private static void Take(List<Lane> live)
    {
        foreach (var lane in live)
        {
            var generation = lane.Prompt.Generation!;
            var token = lane.Chosen ?? lane.Next!.Likeliest;
            lane.GenerationEnded = lane.Diverged is not null || lane.GenerationDiverged is not null || generation.StopTokens.Contains(token);
            if (lane.GenerationEnded)
                continue;
            lane.Generated.Add(token);
            if (generation.IsFinished?.Invoke(lane.Generated) == true)
                lane.GenerationEnded = true;
            else if (lane.Generated.Count >= generation.MaxNewTokens)
                lane.GenerationEnded = lane.GenerationTruncated = true;
        }

        live.RemoveAll(lane => lane.GenerationEnded);
        foreach (var same in live.GroupBy(lane => (lane.Leader, lane.Generated[^1])).ToArray())
        {
            // A leader is not steered below the forks of those that follow it: the trunk nowhere, else the lane that forks last.
            var leader = same.FirstOrDefault(lane => lane == same.Key.Leader) ?? same.FirstOrDefault(lane => lane.IsTrunk) ?? same.MaxBy(lane => lane.Row!.LaterFork!.Value)!;
            foreach (var lane in same)
                lane.Follow(leader);
        }
    }

    private static LanePass Arrange(List<Lane> live, Func<Lane, (int Own, int Trunk)> carried)
    {
        var index = live.Index().ToDictionary(item => item.Item, item => item.Index);
        return new(
            [.. live.Select(lane => new PassLane(lane, [lane.Generated[^1]])
            {
                Fork = lane.Leader == lane ? null : lane.Row!.LaterFork,
                Source = index[lane.Leader],
                Meter = lane.GenerationMeter,
                Carried = carried(lane),
            })],
            isPrompt: false);
    }

    private static bool SameRows(LanePass a, LanePass b) =>
        a.Lanes.Count == b.Lanes.Count && a.Lanes.Zip(b.Lanes).All(pair => pair.First.Lane == pair.Second.Lane && pair.First.Fork == pair.Second.Fork);
}
