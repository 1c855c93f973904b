using System.Diagnostics;
using Sweep.Execution.Running;

namespace Sweep.Execution.Residency;

/// <summary>The models that a device holds, those that were not used for longest going first where another needs the room. Used on the device's own thread.</summary>
/// <param name="loader">Reads model folders.</param>
/// <param name="device">"cpu:0", "cuda:1".</param>
/// <param name="metrics">Counts loads.</param>
/// <param name="weightBytes">Weights of all models together stay below this, but for one model's. 0: one model, and the next takes its place.</param>
internal sealed class ModelHost(IModelLoader loader, string device, DeviceMetrics metrics, long weightBytes = 0) : IDisposable
{
    /// <summary>The one that was used last first.</summary>
    private readonly LinkedList<Resident> _models = [];
    private volatile string? _weightsHash;

    /// <summary>Weights hash of the model that was used last; readable from any thread.</summary>
    public string? WeightsHash => _weightsHash;

    public IResidentModel Get(string folder, string weightsHash, string precision)
    {
        var known = _models.FirstOrDefault(model => (model.WeightsHash, model.Precision) == (weightsHash, precision));
        // Whoever steps back keeps its weights alone.
        if (_models.First is { } former && former.Value != known)
            former.Value.Model.Executor.ReleaseCaches();
        if (known is not null)
            _models.Remove(known);
        else
            known = Load(folder, weightsHash, precision);
        _models.AddFirst(known);
        _weightsHash = weightsHash;
        return known.Model;
    }

    public void Dispose() => KeepWithin(-1);

    private Resident Load(string folder, string weightsHash, string precision)
    {
        // The old ones go first: they need not fit together.
        var bytes = weightBytes == 0 ? 0 : loader.Inspect(folder).Parameters * ModelPrecision.Bytes(precision);
        KeepWithin(weightBytes - bytes - 1);
        var clock = Stopwatch.StartNew();
        IResidentModel model;
        try
        {
            model = loader.Load(folder, precision, device);
        }
        catch (Exception failure) when (_models.Count > 0 && OutOfMemory.Is(failure))
        {
            KeepWithin(-1);
            model = loader.Load(folder, precision, device);
        }

        metrics.OnLoaded(device, clock.Elapsed);
        return new Resident(weightsHash, precision, bytes, model);
    }

    private void KeepWithin(long bytes)
    {
        while (_models.Last is { } last && _models.Sum(model => model.Bytes) > bytes)
        {
            _weightsHash = null;
            _models.RemoveLast();
            last.Value.Model.Dispose();
        }
    }

    private sealed record Resident(string WeightsHash, string Precision, long Bytes, IResidentModel Model);
}
