namespace Sweep.Contracts.Store;

/// <summary>What a sweep's state means.</summary>
public static class SweepStates
{
    /// <summary>It has ended, and stays so unless it is submitted again.</summary>
    public static bool IsFinal(this SweepState state) => state is SweepState.Completed or SweepState.Canceled or SweepState.Faulted;

    /// <summary>The same of a state's name, as messages carry it; false for what is no state of this version.</summary>
    public static bool IsFinal(string state) => Enum.TryParse<SweepState>(state, out var known) && known.IsFinal();
}
