using Sweep.Models.Mamba;

namespace Sweep.Execution.Prefix;

/// <summary>
/// Greedy decoding of all lanes together. A lane whose tokens are still its trunk's shares the trunk's layers below its fork; at its first own
/// token it takes copies of the trunk's states there and goes on by itself. Lanes that have ended leave the batch.
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
                carried = lane => (rowOf[lane], rowOf.GetValueOrDefault(lane.Trunk, -1));
                Take(live);
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

    /// <summary>Gives each live lane its next token, ends those that end by it, and finds out who has left the trunk's tokens.</summary>
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

        foreach (var lane in live.Where(lane => !lane.IsRoot && !lane.GenerationEnded && lane.SharesTrunk))
            lane.SharesTrunk = !lane.Trunk.GenerationEnded && lane.Trunk.Generated[^1] == lane.Generated[^1];
        live.RemoveAll(lane => lane.GenerationEnded);
    }

    private static LanePass Arrange(List<Lane> live, Func<Lane, (int Own, int Trunk)> carried)
    {
        var index = live.Index().ToDictionary(item => item.Item, item => item.Index);
        return new(
            [.. live.Select(lane => new PassLane(lane, [lane.Generated[^1]])
            {
                Fork = lane.IsRoot || !lane.SharesTrunk ? null : lane.Row!.LaterFork,
                Source = lane.SharesTrunk ? index.GetValueOrDefault(lane.Trunk) : 0,
                Meter = lane.GenerationMeter,
                Carried = carried(lane),
            })],
            isPrompt: false);
    }

    private static bool SameRows(LanePass a, LanePass b) =>
        a.Lanes.Count == b.Lanes.Count && a.Lanes.Zip(b.Lanes).All(pair => pair.First.Lane == pair.Second.Lane && pair.First.Fork == pair.Second.Fork);
}
