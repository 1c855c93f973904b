using Sweep.EndToEnd.Tests.Dashboards;
using Xunit.Sdk;
using Xunit.v3;

namespace Sweep.EndToEnd.Tests.Faults;

/// <summary>Classes that want the same silos follow each other, for silos take seconds to start. Nothing but time depends on it.</summary>
public sealed class FaultOrder : ITestClassOrderer
{
    private static readonly Type[] Order =
    [
        // Three of a kind under the standard profile, at last others.
        typeof(StoreFaultTests), typeof(BrokerFaultTests), typeof(RollingRestartTests), typeof(ClockFaultTests),
        // A coordinator and workers.
        typeof(ClusterJourneyTests), typeof(SleepTests),
        // Four of a kind under the fast profile.
        typeof(SiloFaultTests), typeof(PoisonBatchTests), typeof(SearchFaultTests),
    ];

    public IReadOnlyCollection<TTestClass?> OrderTestClasses<TTestClass>(IReadOnlyCollection<TTestClass?> testClasses)
        where TTestClass : notnull, ITestClass =>
        [.. testClasses.OrderBy(one => Array.FindIndex(Order, type => type.FullName == one?.TestClassName))];
}
