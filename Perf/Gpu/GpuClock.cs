using System.Diagnostics;
using Sweep.Models.Cuda;
using static TorchSharp.torch;

namespace Sweep.Perf.Gpu;

/// <summary>Times work on a CUDA device from the host, synchronized at both ends.</summary>
internal static class GpuClock
{
    private const int MostRounds = 31;
    private const double SecondsWanted = 0.7;

    /// <summary>Median and spread, of as many rounds as fit, after two to warm up or as many as that takes.</summary>
    /// <param name="warmUpSeconds">Work in which the host has a share is compiled anew while it runs; a worker runs for hours.</param>
    public static Timing Measure(Action work, double warmUpSeconds = 0)
    {
        var clock = Stopwatch.StartNew();
        work();
        cuda.synchronize();
        double once;
        do
        {
            once = Round(work);
        }
        while (clock.Elapsed.TotalSeconds < warmUpSeconds);
        var rounds = (int)Math.Clamp(SecondsWanted / Math.Max(once, 1e-5), 5, MostRounds);
        var seconds = new double[rounds];
        for (var round = 0; round < rounds; round++)
            seconds[round] = Round(work);
        return Timing.Of(seconds);
    }

    /// <summary>Of one launch among so many in a graph: what the device takes, however long the host does.</summary>
    public static Timing MeasureOnDevice(CudaContext context, Action work, int runs)
    {
        work();
        cuda.synchronize();
        CudaDriverApi.Check(CudaDriverApi.StreamCreate(out var stream, CudaDriverApi.NonBlocking), "cuStreamCreate");
        CudaDriverApi.Check(CudaDriverApi.StreamBeginCapture(stream, CudaDriverApi.CaptureRelaxed), "cuStreamBeginCapture");
        context.Stream = stream;
        for (var run = 0; run < runs; run++)
            work();
        context.Stream = 0;
        CudaDriverApi.Check(CudaDriverApi.StreamEndCapture(stream, out var graph), "cuStreamEndCapture");
        CudaDriverApi.Check(CudaDriverApi.GraphInstantiate(out var executable, graph, 0), "cuGraphInstantiate");
        var whole = Measure(() => CudaDriverApi.Check(CudaDriverApi.GraphLaunch(executable, 0), "cuGraphLaunch"));
        _ = CudaDriverApi.GraphExecDestroy(executable);
        _ = CudaDriverApi.GraphDestroy(graph);
        _ = CudaDriverApi.StreamDestroy(stream);
        return new(whole.Median / runs, whole.Low / runs, whole.High / runs, whole.Rounds);
    }

    private static double Round(Action work) => Comparison.Seconds(() =>
    {
        work();
        cuda.synchronize();
    });
}
