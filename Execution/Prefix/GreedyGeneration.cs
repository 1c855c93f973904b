using Sweep.Models.Mamba;

namespace Sweep.Execution.Prefix;

/// <summary>
/// Greedy decoding of all lanes together. Lanes under one prompt that have emitted the same tokens share the layers below their forks: one of them, the leader,
/// reads the token from the embedding on, the others join where they fork. A lane that emits another token takes copies of the leader's states there. Lanes that have
/// ended leave the batch.
/// </summary>
internal static class GreedyGeneration
{
    /// <summary>Steps that a graph must be good for.</summary>
    private const int FewestUnseen = 6;

    /// <summary>Share of a graph's rows that must still be wanted.</summary>
    private const double LeastLive = 0.75;

    public static void Run(
        MambaModel model, IReadOnlyList<Lane> lanes, MambaState promptState, Func<Lane, (int Own, int Trunk)> carried, CancellationToken cancellationToken)
    {
        var live = lanes.Where(lane => lane.Prompt.Generation is { MaxNewTokens: > 0 }).ToList();
        using var states = LaneStates.Of(model, promptState, lanes, carried);
        foreach (var lane in lanes.Where(lane => lane.Prompt.Generation is { MaxNewTokens: <= 0 }))
            lane.GenerationTruncated = true;
        Take(live);
        LanePass? pass = null;
        for (var step = 1; live.Count > 0; step++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (RunUnseen(model, live, states.State, ref step, cancellationToken))
                continue;
            pass = states.Arrange(live, pass);
            Score(model, pass, states.State, step, cancellationToken);
            Take(live);
        }
    }

    /// <summary>Steps of lanes that share nothing and are not steered, without waiting for one before the next is under way; false: not here.</summary>
    private static bool RunUnseen(MambaModel model, List<Lane> live, MambaState state, ref int step, CancellationToken cancellationToken)
    {
        static int Left(List<Lane> lanes) => lanes.Max(lane => lane.Prompt.Generation!.MaxNewTokens - lane.Generated.Count);
        if (!model.HasSlots || Left(live) < FewestUnseen || !live.TrueForAll(lane => lane.Leader == lane && lane.Row?.LaterFork is null))
            return false;
        Lane[] rows = [.. live];
        using var steps = model.BeginGreedy(state, [.. rows.Select(lane => lane.Slot)], [.. rows.Select(lane => lane.Generated[^1])]);
        if (steps is null)
            return false;
        steps.Launch();
        for (var underWay = 1; underWay > 0;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            // A lane that has ended goes on unheard, until enough have that fewer rows pay for another graph.
            if (Left(live) > underWay && live.Count > rows.Length * LeastLive)
            {
                steps.Launch();
                underWay++;
            }

            foreach (var (choice, lane) in steps.Read().Zip(rows))
            {
                if (lane.GenerationEnded)
                    continue;
                lane.Chosen = choice.Token;
                if (choice.DivergedLayer is { } layer)
                    lane.DivergeInGeneration(layer, step);
                else if (!choice.IsFinite)
                    lane.DivergeInGeneration(model.Config.LayerCount, step);
            }

            underWay--;
            Take(live);
            if (live.Count == 0)
                break;
            if (underWay > 0)
                step++;
        }

        return true;
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
        if (live.TrueForAll(lane => lane.Leader == lane))
        {
            foreach (var lane in live)
                lane.Follow(lane);
            return;
        }

        foreach (var same in live.GroupBy(lane => (lane.Leader, lane.Generated[^1])).ToArray())
        {
            // A leader is not steered below the forks of those that follow it: the trunk nowhere, else the lane that forks last.
            var leader = same.FirstOrDefault(lane => lane == same.Key.Leader) ?? same.FirstOrDefault(lane => lane.IsTrunk) ?? same.MaxBy(lane => lane.Row!.LaterFork!.Value)!;
            foreach (var lane in same)
                lane.Follow(leader);
        }
    }
}
