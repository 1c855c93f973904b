using System.Globalization;
using Sweep.Contracts.Plans;

namespace Sweep.Perf.Dispatch;

/// <summary>A sweep of the harnesses. All of it is in its plan's name: silos that resolve and run it need nothing else.</summary>
/// <param name="Label">Letters, digits and '-'.</param>
/// <param name="Jobs">A multiple of <see cref="StubPlan.Benchmarks"/>.</param>
/// <param name="Items">Of every job.</param>
/// <param name="Work">How long a job takes, over all its items.</param>
internal sealed record StubSweep(string Label, int Jobs, int Items, TimeSpan Work)
{
    private const string Weights = "weights of ";

    public string Name => string.Create(CultureInfo.InvariantCulture, $"{Label}.{Jobs}.{Items}.{(long)Work.TotalMicroseconds}");

    /// <summary>Its model's, so that no two sweeps share jobs.</summary>
    public string WeightsHash => Weights + Name;

    public SweepPlan Plan(string owner) => new() { Name = Name, Models = ["stub"], Benchmarks = [], Bottlenecks = [], Owner = owner };

    public static StubSweep OfName(string name)
    {
        var parts = name.Split('.');
        return new StubSweep(parts[0], Number(parts[1]), Number(parts[2]), TimeSpan.FromMicroseconds(Number(parts[3])));
    }

    public static StubSweep OfWeights(string weightsHash) => OfName(weightsHash[Weights.Length..]);

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
