namespace Sweep.Contracts.Grains;

/// <summary>Hears from coordinators of this silo how far their sweeps are. It must return at once and may forget what it heard.</summary>
public interface ISweepProgressSink
{
    void OnProgress(SweepStatus status);
}
