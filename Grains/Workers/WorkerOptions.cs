namespace Sweep.Grains.Workers;

/// <summary>The devices of a silo and how patiently their workers wait.</summary>
public sealed class WorkerOptions
{
    /// <summary>One worker each: "cpu:0", "cuda:1"; distinct. Empty: this silo runs no work. Default: cpu:0.</summary>
    public IList<string> Devices { get; set; } = ["cpu:0"];

    /// <summary>First pause of a worker that finds no work, doubled up to <see cref="IdleMaximumSeconds"/>, seconds. Default: 0.05.</summary>
    public double IdleMinimumSeconds { get; set; } = 0.05;

    /// <summary>Longest pause between two looks for work, seconds. Default: 1.</summary>
    public double IdleMaximumSeconds { get; set; } = 1;

    /// <summary>How long a worker holds its results while the store is away before it gives the batch back, seconds. Default: 60.</summary>
    public double StorePatienceSeconds { get; set; } = 60;

    /// <summary>How long a silo that stops waits for its running micro-batches; then they are given up and their batches given back, seconds. Default: 60.</summary>
    public double DrainSeconds { get; set; } = 60;

    /// <summary>Every setting that cannot work, by name.</summary>
    public IEnumerable<string> Problems()
    {
        if (Devices.Any(device => string.IsNullOrWhiteSpace(device) || device.Contains('/')))
            yield return "Sweep:Worker:Devices holds a name that is empty or has a '/', expected for instance cpu:0";
        if (Devices.Distinct(StringComparer.Ordinal).Count() < Devices.Count)
            yield return $"Sweep:Worker:Devices is {string.Join(", ", Devices)}, expected distinct names";
        if (!(IdleMinimumSeconds > 0))
            yield return $"Sweep:Worker:{nameof(IdleMinimumSeconds)} is {IdleMinimumSeconds}, expected above 0";
        if (!(IdleMaximumSeconds >= IdleMinimumSeconds))
            yield return $"Sweep:Worker:{nameof(IdleMaximumSeconds)} is {IdleMaximumSeconds}, expected at least {nameof(IdleMinimumSeconds)} ({IdleMinimumSeconds})";
        if (!(StorePatienceSeconds >= 0))
            yield return $"Sweep:Worker:{nameof(StorePatienceSeconds)} is {StorePatienceSeconds}, expected 0 or more";
        if (!(DrainSeconds >= 0) || DrainSeconds > 86_400)
            yield return $"Sweep:Worker:{nameof(DrainSeconds)} is {DrainSeconds}, expected 0 to 86400";
    }
}
