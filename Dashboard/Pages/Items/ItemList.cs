using Sweep.Contracts.Plans;
using Sweep.Dashboard.Reading;

namespace Sweep.Dashboard.Pages.Items;

/// <summary>Which items of a cell are shown.</summary>
internal sealed record ItemFilter(string Show, string Split)
{
    public const string Flips = "flips";
    public const string Better = "better";
    public const string Worse = "worse";
    public const string All = "all";

    public static IReadOnlyList<(string Word, string Text)> Choices { get; } = [(All, "all items"), (Flips, "changed"), (Better, "wrong → right, or higher"), (Worse, "right → wrong, or lower")];

    public static IReadOnlyList<(string Word, string Text)> Splits { get; } = [("test", "test"), ("selection", "selection"), ("validation", "validation"), (All, "every split")];

    public static ItemFilter Of(string? show, string? split) => new(
        Choices.Any(choice => choice.Word == show) ? show! : All,
        Splits.Any(choice => choice.Word == split) ? split! : "test");

    public IReadOnlyList<ItemPair> Of(IReadOnlyList<ItemPair> pairs) => [.. pairs.Where(pair =>
        (Split == All || pair.Item.Split == Enum.Parse<ItemSplit>(Split, ignoreCase: true))
        && Show switch { Better => pair.IsBetter, Worse => pair.IsWorse, Flips => pair.IsBetter || pair.IsWorse, _ => true })];
}
