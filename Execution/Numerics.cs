namespace Sweep.Execution;

/// <summary>Device kind and engine revision of results; a change that moves a bit of any result takes a new revision.</summary>
public static class Numerics
{
    public const string Cpu = "cpu/1";
}
