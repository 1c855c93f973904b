using static TorchSharp.torch;

namespace Sweep.Perf.Gpu;

/// <summary>Times work on a CUDA device from the host, synchronized at both ends.</summary>
internal static class GpuClock
{
    private const int MostRounds = 31;
    private const double SecondsWanted = 0.7;

    /// <summary>Median and spread after two runs to warm up, of as many rounds as fit.</summary>
    public static Timing Measure(Action work)
    {
        work();
        cuda.synchronize();
        var once = Round(work);
        var rounds = (int)Math.Clamp(SecondsWanted / Math.Max(once, 1e-5), 5, MostRounds);
        var seconds = new double[rounds];
        for (var round = 0; round < rounds; round++)
            seconds[round] = Round(work);
        return Timing.Of(seconds);
    }

    /// <summary>Of small work: so many runs between two synchronizations, seconds of one.</summary>
    public static Timing MeasureMany(Action work, int runs)
    {
        var whole = Measure(() =>
        {
            for (var run = 0; run < runs; run++)
                work();
        });
        return new(whole.Median / runs, whole.Low / runs, whole.High / runs, whole.Rounds);
    }

    private static double Round(Action work) => Comparison.Seconds(() =>
    {
        work();
        cuda.synchronize();
    });
}
