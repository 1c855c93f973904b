using Sweep.Contracts.Plans;

namespace Sweep.Cli.Output;

/// <summary>Kinds of controls as people read them.</summary>
internal static class ControlNames
{
    public static string Of(ControlKind kind) => kind switch
    {
        ControlKind.NormMatched => "norm-matched",
        ControlKind.VarianceMatched => "variance-matched",
        ControlKind.Complement => "complement",
        ControlKind.EqualNorm => "equal norm",
        ControlKind.OtherLayer => "other layers",
        ControlKind.OtherChannels => "other channels",
        _ => "random",
    };

    /// <summary>"20 random, 3 other layers"; "no controls".</summary>
    public static string Counted(IEnumerable<ResolvedBottleneck> controls)
    {
        var kinds = controls.GroupBy(control => control.Kind ?? ControlKind.Random).OrderBy(kind => kind.Key).Select(kind => $"{kind.Count()} {Of(kind.Key)}").ToArray();
        return kinds.Length == 0 ? "no controls" : $"controls: {string.Join(", ", kinds)}";
    }
}
