using Sweep.Models.Mamba;
using Sweep.Models.Steering;

namespace Sweep.Execution.Prefix;

/// <summary>Log-likelihoods of continuations: the first token follows from the prompt, the others from reading the continuation after it.</summary>
internal static class ContinuationScores
{
    public static void Read(
        MambaModel model, IReadOnlyList<Lane> lanes, MambaState state, Func<Lane, (int Own, int Trunk)> carried, CancellationToken cancellationToken)
    {
        foreach (var lane in lanes)
        {
            lane.LogLikelihoods = [.. lane.Next!.TargetLogProbabilities.Select(value => (double?)value)];
            lane.AreGreedy = [.. lane.Prompt.Continuations.Select(continuation => continuation[0] == lane.Next.Likeliest)];
        }

        List<PassLane> reading = [];
        Dictionary<(Lane, string), int> sources = [];
        var prefixes = lanes.Select(lane => lane.Prompt).Distinct().ToDictionary(prompt => prompt, Prefixes);
        // Trunks come first among the lanes, so a source is there before what joins it.
        foreach (var lane in lanes)
        {
            foreach (var (prefix, continuations) in prefixes[lane.Prompt])
            {
                if (lane.IsRoot)
                    sources[(lane, prefix)] = reading.Count;
                var first = lane.Prompt.Continuations[continuations[0]];
                reading.Add(new(lane, [.. first.Take(first.Count - 1)])
                {
                    Fork = lane.IsRoot ? null : lane.Row!.LaterFork,
                    Source = sources[(lane.Trunk, prefix)],
                    Meter = new InterventionMeter(),
                    Carried = carried(lane),
                    Continuations = continuations,
                });
            }
        }

        if (reading.Count == 0)
            return;
        var pass = new LanePass(reading, isPrompt: false);
        using var carriedState = pass.Carry(state, model.Operations);
        using var x = pass.Run(model, carriedState, cancellationToken);
        var scored = pass.Lanes.Select((lane, row) => lane.Tokens.Select((_, t) => new ScoredPosition
        {
            Row = row,
            Position = t,
            Targets = [.. lane.Continuations.Select(continuation => lane.Lane.Prompt.Continuations[continuation][t + 1])],
        }).ToArray()).ToArray();
        ScoredPosition.ScoreAll(model, x, [.. scored.SelectMany(positions => positions)], cancellationToken);
        pass.ReportDivergence((lane, layer, position) => lane.Lane.DivergeInContinuation(layer, position + 1));
        foreach (var (row, lane) in pass.Lanes.Index())
        {
            lane.Lane.ContinuationMeter.Add(lane.Meter!);
            var broken = Array.FindIndex(scored[row], position => !position.IsFinite);
            if (broken >= 0)
                lane.Lane.DivergeInContinuation(model.Config.LayerCount, broken + 1);
            foreach (var position in scored[row])
            {
                foreach (var (target, continuation) in lane.Continuations.Index())
                {
                    lane.Lane.LogLikelihoods[continuation] += position.TargetLogProbabilities[target];
                    lane.Lane.AreGreedy[continuation] &= position.Targets[target] == position.Likeliest;
                }
            }
        }
    }

    /// <summary>Continuations of more than one token by all their tokens but the last: those that differ in it alone are read once.</summary>
    private static (string Prefix, int[] Continuations)[] Prefixes(PromptRequest prompt) =>
        [.. prompt.Continuations.Index().Where(item => item.Item.Count > 1)
            .GroupBy(item => string.Join(',', item.Item.Take(item.Item.Count - 1)))
            .Select(group => (group.Key, group.Select(item => item.Index).ToArray()))];
}
