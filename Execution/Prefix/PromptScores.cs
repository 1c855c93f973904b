using Sweep.Models.Mamba;

namespace Sweep.Execution.Prefix;

/// <summary>Reads the prompts of all lanes in one pass and scores what follows from them.</summary>
internal static class PromptScores
{
    public static void Read(MambaModel model, LanePass pass, MambaState state, IReadOnlyList<Lane> lanes, CancellationToken cancellationToken)
    {
        using var x = pass.Run(model, state, cancellationToken);
        List<(Lane Lane, ScoredPosition Position)> inner = [];
        foreach (var (row, passLane) in pass.Lanes.Index())
        {
            var lane = passLane.Lane;
            lane.Next = new()
            {
                Row = row,
                Position = passLane.Tokens.Count - 1,
                Targets = [.. lane.Prompt.Continuations.Select(continuation => continuation[0])],
                KeepsLogProbabilities = lane.IsTrunk,
                Reference = lane.IsRoot ? null : lane.Trunk.Next,
            };
            if (!lane.Prompt.ScorePrompt)
                continue;
            for (var t = lane.Prompt.FirstScored; t < passLane.Tokens.Count; t++)
                inner.Add((lane, new() { Row = row, Position = t - 1, Targets = [passLane.Tokens[t]] }));
        }

        ScoredPosition.ScoreAll(model, x, [.. pass.Lanes.Select(lane => lane.Lane.Next!), .. inner.Select(item => item.Position)], cancellationToken);
        pass.ReportDivergence((lane, layer, _) => lane.Lane.Diverge(layer, 0));
        foreach (var group in inner.GroupBy(item => item.Lane))
        {
            if (group.Any(item => !item.Position.IsFinite))
                group.Key.Diverge(model.Config.LayerCount, 0);
            group.Key.PromptLogLikelihood = group.Sum(item => item.Position.TargetLogProbabilities[0]);
        }

        foreach (var lane in lanes)
        {
            if (lane.Next is null)
                TakeFromTrunk(lane);
            else if (!lane.Next.IsFinite)
                lane.Diverge(model.Config.LayerCount, 0);
            if (lane.Prompt.ScorePrompt)
                lane.PromptLogLikelihood ??= 0;
        }
    }

    private static void TakeFromTrunk(Lane lane)
    {
        // The trunk's own position has no KL, which reads as 0.
        lane.Next = lane.Trunk.Next;
        lane.PromptLogLikelihood = lane.Trunk.PromptLogLikelihood;
        if (lane.Trunk.Diverged is { } diverged)
            lane.Diverge(diverged.Layer, diverged.Step);
    }
}
