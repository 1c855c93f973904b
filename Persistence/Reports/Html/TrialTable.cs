namespace Sweep.Persistence.Reports.Html;

/// <summary>Every scalar that a search in rounds tried, a table a bottleneck; empty for other sweeps.</summary>
internal static class TrialTable
{
    public static Markup Draw(BenchmarkReport benchmark) => Markup.Join(benchmark.Effects.Where(effect => effect.Row.Trials is { Count: > 0 }).Select(effect => Markup.Of($"""
        <details><summary>{ReportText.TrialsCaption(effect.Row)}</summary><div class="scroll"><table><thead><tr><th scope="col">scalar</th><th scope="col">items</th><th scope="col">effect</th><th scope="col" class="text">then</th></tr></thead><tbody>
        {ReportText.Trials(effect.Row).Select(trial => Markup.Of($"""<tr><th scope="row">{trial.Scalar}</th><td>{trial.Items}</td><td>{trial.Effect}</td><td class="text">{trial.Fate}</td></tr>{"\n"}"""))}
        </tbody></table></div></details>
        """)));
}
