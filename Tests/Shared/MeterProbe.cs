using System.Diagnostics.Metrics;

namespace Sweep.Tests;

/// <summary>Makes meters and adds up what is measured with them; other tests' meters are not heard.</summary>
internal sealed class MeterProbe : IMeterFactory
{
    private readonly Lock _lock = new();
    private readonly List<Meter> _meters = [];
    private readonly MeterListener _listener = new();
    private readonly Dictionary<string, double> _sums = new(StringComparer.Ordinal);
    private readonly Dictionary<string, double> _observed = new(StringComparer.Ordinal);

    public MeterProbe()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, this))
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>By "instrument{tag=value,...}", tags in the order they were given: sums of counters and histograms, and what the observed ones say now.</summary>
    public IReadOnlyDictionary<string, double> Read()
    {
        lock (_lock)
            _observed.Clear();
        _listener.RecordObservableInstruments();
        lock (_lock)
            return _sums.Concat(_observed).ToDictionary(StringComparer.Ordinal);
    }

    public Meter Create(MeterOptions options)
    {
        var meter = new Meter(options.Name, options.Version, options.Tags, this);
        _meters.Add(meter);
        return meter;
    }

    public void Dispose()
    {
        _listener.Dispose();
        foreach (var meter in _meters)
            meter.Dispose();
    }

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var key = tags.Length == 0 ? instrument.Name : $"{instrument.Name}{{{string.Join(',', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"))}}}";
        lock (_lock)
        {
            if (instrument.IsObservable)
                _observed[key] = value;
            else
                _sums[key] = _sums.GetValueOrDefault(key) + value;
        }
    }
}
