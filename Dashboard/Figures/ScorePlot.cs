using System.Globalization;
using Sweep.Persistence.Reports.Html;

namespace Sweep.Dashboard.Figures;

/// <summary>All channels of a place by their score, the largest first, with the chosen ones marked.</summary>
internal static class ScorePlot
{
    private const double Width = 620;
    private const double Height = 260;
    private const double Left = 64;
    private const double Right = 606;
    private const double Top = 16;
    private const double Bottom = 206;

    /// <summary>Scores that differ by more than this factor are drawn by their logarithms.</summary>
    private const double LinearRange = 50;

    /// <param name="title">Of the figure.</param>
    /// <param name="score">How the score is called.</param>
    /// <param name="scores">A channel each; null: unknown, not drawn.</param>
    /// <param name="chosen">Numbers of channels.</param>
    /// <param name="stability">What is known of how sure the scores are.</param>
    /// <returns>Null: no score is known.</returns>
    public static Figure? Draw(string title, string score, IReadOnlyList<float?> scores, IReadOnlyCollection<int> chosen, string stability)
    {
        var marked = chosen.ToHashSet();
        var ranked = scores.Index().Where(pair => pair.Item is not null).OrderByDescending(pair => pair.Item).ThenBy(pair => pair.Index)
            .Select((pair, rank) => new Channel(pair.Index, pair.Item!.Value, rank + 1, marked.Contains(pair.Index))).ToArray();
        if (ranked.Length == 0)
            return null;
        var (low, high) = (ranked[^1].Score, ranked[0].Score);
        var isLogarithmic = low > 0 && high / low > LinearRange;
        var (from, to) = isLogarithmic ? (Math.Log10(low), Math.Log10(high)) : (Math.Min(0, low), Math.Max(0, high));
        if (to <= from)
            to = from + 1;
        var drawn = Series.Thin(ranked, channel => channel.Score, channel => channel.IsChosen);
        var ours = ranked.Where(channel => channel.IsChosen).ToArray();
        var total = ranked.Sum(channel => Math.Max(0, channel.Score));
        var share = total > 0 ? $", with {(100 * ours.Sum(channel => Math.Max(0, channel.Score)) / total).ToString("0", CultureInfo.InvariantCulture)} % of all scores together" : "";
        var best = ours.Length == 0 ? "" : $"; they rank {ours[0].Rank} to {ours[^1].Rank}";
        return new Figure
        {
            Title = title,
            Caption = $"n {ranked.Length} channels, {ours.Length} of them chosen (marked){share}{best}. Score: {score}{(isLogarithmic ? ", logarithmic" : "")}. {stability}",
            Label = $"{title}: largest {Number(high)}, median {Number(ranked[ranked.Length / 2].Score)}, smallest {Number(low)}{best}",
            Width = Width,
            Height = Height,
            Parts =
            [
                Markup.Of($"""
                    {Ticks(from, to, isLogarithmic).Select(tick => Markup.Of($"""<line class="grid" x1="{Left}" y1="{Y(tick)}" x2="{Right}" y2="{Y(tick)}"/><text class="tick" x="{Left - 6}" y="{Y(tick) + 4}" text-anchor="end">{Number(tick)}</text>"""))}
                    <line class="axis" x1="{Left}" y1="{Bottom}" x2="{Right}" y2="{Bottom}"/>
                    <polyline class="median" points="{string.Join(' ', drawn.Select(channel => FormattableString.Invariant($"{X(channel.Rank):0.##},{Y(channel.Score):0.##}")))}"/>
                    {ours.Select(channel => Markup.Of($"""<g><title>channel {channel.Number}: {Number(channel.Score)}, rank {channel.Rank} of {ranked.Length}</title><line class="interval gain thin" x1="{X(channel.Rank)}" y1="{Y(channel.Score)}" x2="{X(channel.Rank)}" y2="{Bottom}"/><circle class="point gain" cx="{X(channel.Rank)}" cy="{Y(channel.Score)}" r="3.2"/></g>"""))}
                    <text class="tick" x="{Left}" y="{Bottom + 18}" text-anchor="middle">1</text><text class="tick" x="{Right}" y="{Bottom + 18}" text-anchor="middle">{ranked.Length}</text>
                    <text class="tick" x="{(Left + Right) / 2}" y="{Height - 14}" text-anchor="middle">channels, the largest score first</text>
                    """),
            ],
            Table = new FigureTable(
                ["rank", "channel", "score", "chosen"],
                [.. ranked.Where(channel => channel.IsChosen || channel.Rank <= 50).Select(channel => (IReadOnlyList<string>)[Whole(channel.Rank), Whole(channel.Number), Number(channel.Score), channel.IsChosen ? "yes" : ""])]),
        };

        double X(int rank) => ranked.Length == 1 ? (Left + Right) / 2 : Left + ((rank - 1) * (Right - Left) / (ranked.Length - 1));
        double Y(double value) => Bottom - (((isLogarithmic ? Math.Log10(value) : value) - from) / (to - from) * (Bottom - Top));
    }

    /// <summary>At most five, of what is read on the axis.</summary>
    private static IEnumerable<double> Ticks(double from, double to, bool isLogarithmic)
    {
        if (!isLogarithmic)
            return Enumerable.Range(0, 5).Select(step => from + (step * (to - from) / 4));
        var powers = Enumerable.Range((int)Math.Ceiling(from), Math.Max(0, (int)Math.Floor(to) - (int)Math.Ceiling(from) + 1)).ToArray();
        var every = Math.Max(1, (powers.Length + 4) / 5);
        return powers.Length < 2 ? [Math.Pow(10, from), Math.Pow(10, to)] : powers.Where((_, index) => index % every == 0).Select(power => Math.Pow(10, power));
    }

    private static string Number(double value) => value.ToString("G3", CultureInfo.InvariantCulture);

    private static string Whole(int value) => value.ToString(CultureInfo.InvariantCulture);

    private sealed record Channel(int Number, float Score, int Rank, bool IsChosen);
}
