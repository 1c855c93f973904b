using Spectre.Console;

namespace Sweep.Cli.Output;

/// <summary>Colours of effects. The sign stands in the text, so nothing is lost without colour.</summary>
internal static class EffectStyle
{
    /// <summary>Green for gains, red for losses, bold where the interval leaves out zero.</summary>
    public static Style Of(double effect, bool significant) =>
        new(effect > 0 ? Color.Green : effect < 0 ? Color.Red : Color.Grey, decoration: significant ? Decoration.Bold : Decoration.None);

    /// <summary>The background of a heat map's field, stronger with the effect's size.</summary>
    public static Style Heat(double effect) => effect switch
    {
        >= 0.5 => new Style(Color.White, new Color(0, 120, 60), Decoration.Bold),
        >= 0.2 => new Style(Color.White, new Color(0, 90, 50)),
        >= 0.05 => new Style(Color.White, new Color(10, 60, 40)),
        <= -0.5 => new Style(Color.White, new Color(170, 20, 30), Decoration.Bold),
        <= -0.2 => new Style(Color.White, new Color(120, 20, 30)),
        <= -0.05 => new Style(Color.White, new Color(80, 25, 30)),
        _ => new Style(Color.Grey),
    };
}
