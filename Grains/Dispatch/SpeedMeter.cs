namespace Sweep.Grains.Dispatch;

/// <summary>How fast work goes, model by model, as it is now: what is long ago counts less and less.</summary>
internal sealed class SpeedMeter
{
    /// <summary>Measured pieces before a speed is told.</summary>
    private const int EnoughPieces = 2;

    /// <summary>Seconds after which what was measured counts half.</summary>
    private const double HalfAfter = 120;

    private readonly Dictionary<string, Measured> _models = new(StringComparer.Ordinal);

    /// <summary>Models with a speed.</summary>
    public IEnumerable<string> Known => _models.Where(pair => pair.Value.Pieces >= EnoughPieces).Select(pair => pair.Key);

    /// <param name="model">Weights hash.</param>
    /// <param name="work">Estimated multiply-adds.</param>
    public void Add(string model, double work, double seconds)
    {
        if (!(work > 0) || !(seconds > 0))
            return;
        var before = _models.GetValueOrDefault(model);
        var kept = before.Seconds > HalfAfter ? 0.5 : 1;
        _models[model] = new Measured(before.Work * kept + work, before.Seconds * kept + seconds, before.Pieces + 1);
    }

    /// <summary>Multiply-adds a second of one device; null: not known.</summary>
    public double? Of(string model) => _models.TryGetValue(model, out var measured) && measured.Pieces >= EnoughPieces ? measured.Work / measured.Seconds : null;

    private readonly record struct Measured(double Work, double Seconds, int Pieces);
}
