namespace Sweep.Cli;

/// <summary>What the process returns.</summary>
internal static class ExitCodes
{
    /// <summary>Done.</summary>
    public const int Ok = 0;

    /// <summary>The sweep faulted or was canceled, a check found a difference, or Sweep itself has a bug.</summary>
    public const int Failed = 1;

    /// <summary>Wrong input (arguments, plan, model, data), or the store is in use by another process.</summary>
    public const int WrongInput = 2;

    /// <summary>Ended by Ctrl-C or SIGTERM after draining; the same command continues.</summary>
    public const int Interrupted = 130;
}
