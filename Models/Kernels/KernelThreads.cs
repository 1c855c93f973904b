using TorchSharp;

namespace Sweep.Models.Kernels;

/// <summary>Splits independent pieces of work over as many threads as torch uses. Pieces never share a sum, so the split cannot change a result.</summary>
internal static class KernelThreads
{
    /// <summary>Below so many element-steps the hand-over costs more than it saves.</summary>
    private const long SerialBelow = 16_384;

    public static void For(int pieces, long elementsPerPiece, Action<int> body)
    {
        var threads = torch.get_num_threads();
        if (threads == 1 || pieces == 1 || pieces * elementsPerPiece < SerialBelow)
        {
            for (var piece = 0; piece < pieces; piece++)
                body(piece);
            return;
        }

        // Contiguous runs rather than single pieces: fewer hand-overs, and neighbours write neighbouring memory from one thread.
        var runs = Math.Min(pieces, threads * 4);
        Parallel.For(0, runs, new ParallelOptions { MaxDegreeOfParallelism = threads }, run =>
        {
            var first = (int)((long)pieces * run / runs);
            var end = (int)((long)pieces * (run + 1) / runs);
            for (var piece = first; piece < end; piece++)
                body(piece);
        });
    }
}
