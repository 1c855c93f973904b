using Sweep.Contracts.Execution;
using Sweep.Contracts.Plans;

namespace Sweep.Contracts.Store;

/// <summary>Why a sweep faulted: by what its plan names or asks for, or by a mistake of Sweep's own.</summary>
public static class SweepReasons
{
    private const string Own = "an error of Sweep itself: ";

    public static string Of(Exception exception) => exception is InvalidPlanException or JobFaultedException ? exception.Message : Own + exception.Message;

    /// <summary>True: nothing that its user could mend.</summary>
    public static bool IsOwn(string? reason) => reason?.StartsWith(Own, StringComparison.Ordinal) == true;
}
