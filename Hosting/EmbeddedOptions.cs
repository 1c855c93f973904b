namespace Sweep.Hosting;

/// <summary>An embedded run: silo, store and workers in this process.</summary>
public sealed class EmbeddedOptions
{
    /// <summary>The SQLite file that holds everything; made where it is missing. Default: .sweep/sweep.db.</summary>
    public string StorePath { get; set; } = Path.Combine(".sweep", "sweep.db");

    /// <summary>Workers, each with its own device of the kind. Default: 1.</summary>
    public int Workers { get; set; } = 1;

    /// <summary>Kind of device: "cpu". Default: cpu.</summary>
    public string Device { get; set; } = "cpu";

    /// <summary>Folders in which the files of plans are looked up, in this order. Default: the working folder.</summary>
    public IList<string> Roots { get; set; } = [Directory.GetCurrentDirectory()];

    /// <summary>Where warnings, faults and their stack traces go. Default: beside the store, with the ending .log.</summary>
    public string LogPath
    {
        get => field ?? StorePath + ".log";
        set;
    }

    /// <summary>Every setting that cannot work, by name.</summary>
    internal IEnumerable<string> Problems()
    {
        if (string.IsNullOrWhiteSpace(StorePath))
            yield return "--store: found nothing, expected a file";
        if (Workers is < 1 or > 256)
            yield return $"--workers: found {Workers}, expected 1 to 256";
        if (Device != "cpu")
            yield return $"--device: found '{Device}', expected cpu";
    }
}
