namespace Sweep.Execution.Hub;

/// <summary>Adds up what the files of a pull report, from any thread.</summary>
internal sealed class PullMeter(long total, IProgress<PullProgress>? progress)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<int, long> _files = [];
    private long _done;

    public IProgress<long> Of(int file) => new FileMeter(this, file);

    private void Report(int file, long done)
    {
        lock (_lock)
        {
            _done += done - _files.GetValueOrDefault(file);
            _files[file] = done;
            progress?.Report(new PullProgress(_done, total));
        }
    }

    private sealed class FileMeter(PullMeter meter, int file) : IProgress<long>
    {
        public void Report(long value) => meter.Report(file, value);
    }
}
