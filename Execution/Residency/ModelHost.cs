using System.Diagnostics;

namespace Sweep.Execution.Residency;

/// <summary>The one model that a device holds; another one takes its place. Used on the device's own thread.</summary>
internal sealed class ModelHost(IModelLoader loader, string device, DeviceMetrics metrics) : IDisposable
{
    private IResidentModel? _model;
    private (string WeightsHash, string Precision)? _key;
    private volatile string? _weightsHash;

    /// <summary>Weights hash of the loaded model; readable from any thread.</summary>
    public string? WeightsHash => _weightsHash;

    public IResidentModel Get(string folder, string weightsHash, string precision)
    {
        if (_model is not null && _key == (weightsHash, precision))
            return _model;

        // The old model goes first: two need not fit together.
        Dispose();
        var clock = Stopwatch.StartNew();
        _model = loader.Load(folder, precision, device);
        metrics.OnLoaded(device, clock.Elapsed);
        _key = (weightsHash, precision);
        _weightsHash = weightsHash;
        return _model;
    }

    public void Dispose()
    {
        _weightsHash = null;
        _key = null;
        _model?.Dispose();
        _model = null;
    }
}
