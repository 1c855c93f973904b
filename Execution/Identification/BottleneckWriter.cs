using Sweep.Contracts.Plans;
using Sweep.Evaluation.Statistics;

namespace Sweep.Execution.Identification;

/// <summary>Makes bottleneck files of rankings, each with its overlaps with the others.</summary>
internal sealed class BottleneckWriter
{
    public required ResolvedModel Model { get; init; }

    public required string Precision { get; init; }

    public required string NumericsId { get; init; }

    /// <summary>Channels of a bottleneck.</summary>
    public required int Top { get; init; }

    public required IdentificationTexts Texts { get; init; }

    public required IdentificationItems? Items { get; init; }

    public IReadOnlyList<BottleneckFile> Write(IReadOnlyList<ChannelRanking> rankings)
    {
        var chosen = rankings.Select(ranking => ranking.Top(Top)).ToArray();
        return [.. rankings.Select((ranking, index) => new BottleneckFile
        {
            Format = BottleneckFile.CurrentFormat,
            Recipe = ranking.Recipe,
            Model = Model.Name,
            WeightsHash = Model.WeightsHash,
            TokenizerHash = Model.TokenizerHash,
            Precision = Precision,
            NumericsId = NumericsId,
            Layer = ranking.Layer,
            Site = ranking.Site.ToString(),
            Channels = chosen[index],
            Scores = ranking.Scores,
            Effects = ranking.Effects,
            Texts = ranking.UsesTexts ? Texts : null,
            Items = ranking.IsOverItems ? Items : null,
            Overlaps =
            [
                .. rankings.Index()
                    .Where(other => other.Index != index && other.Item.Layer == ranking.Layer && other.Item.Scores.Count == ranking.Scores.Count)
                    .Select(other => new RecipeOverlap { Recipe = other.Item.Recipe, Site = other.Item.Site.ToString(), Jaccard = Agreement.Jaccard(chosen[index], chosen[other.Index]) }),
            ],
            Stability = ranking.Stability(Top),
        })];
    }
}
