using Sweep.Grains.Dispatch;

namespace Sweep.Cli.Output;

/// <summary>What a stage comes to beside the stages before it.</summary>
/// <param name="Sweep">Its id.</param>
/// <param name="Work">What it runs.</param>
internal sealed record StageEstimate(string Sweep, WorkloadEstimate Work);
