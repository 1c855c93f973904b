using Sweep.Models.Cuda;
using static TorchSharp.torch;

namespace Sweep.Models.Mamba;

/// <summary>
/// One token a row through all blocks as a CUDA graph: captured once on streams of its own (torch's cannot be captured) and replayed on torch's. It reads and writes the buffers that it was
/// captured with: its own, and the states that it belongs to.
/// </summary>
internal sealed class StepGraph : IDisposable
{
    private readonly CudaContext _context;
    private readonly Tensor _tokens;
    private readonly Tensor _x;
    private readonly Tensor _watch;
    private readonly Tensor _scratch;
    private nint _executable;

    public StepGraph(CudaKernels kernels, QuietBlocks blocks, Tensor embedding, MambaState state, int rows, Device device, ScalarType residual)
    {
        _context = kernels.Context;
        _tokens = zeros([rows, 1], int64, device).DetachFromDisposeScope();
        _x = empty([rows, 1, embedding.shape[1]], residual, device).DetachFromDisposeScope();
        _watch = empty([state.LayerCount, rows], int32, device).DetachFromDisposeScope();
        var parts = blocks.PartsOf(rows);
        var rowsOfPart = (rows + parts - 1) / parts;
        var scratchOfPart = blocks.ScratchBytes(rowsOfPart);
        _scratch = empty([parts * scratchOfPart], uint8, device).DetachFromDisposeScope();
        var streams = new nint[parts];
        nint graph = 0;
        try
        {
            foreach (ref var stream in streams.AsSpan())
                CudaDriverApi.Check(CudaDriverApi.StreamCreate(out stream, CudaDriverApi.NonBlocking), "cuStreamCreate");
            CudaDriverApi.Check(CudaDriverApi.StreamBeginCapture(streams[0], CudaDriverApi.CaptureRelaxed), "cuStreamBeginCapture");
            _context.Stream = streams[0];
            try
            {
                CudaPassLog.Clear(_watch, _context);
                kernels.Embed(_tokens, embedding, _x);
                foreach (var stream in streams.AsSpan(1))
                    Follow(stream, streams[0]);
                _context.IsOverlapping = true;
                for (var part = 0; part < parts; part++)
                {
                    _context.Stream = streams[part];
                    var first = part * rowsOfPart;
                    Capture(blocks, state, first, Math.Min(rows, first + rowsOfPart) - first, DevicePointer.Of(_scratch) + (nint)(part * scratchOfPart));
                }

                foreach (var stream in streams.AsSpan(1))
                    Follow(streams[0], stream);
            }
            finally
            {
                (_context.Stream, _context.IsOverlapping) = (0, false);
                CudaDriverApi.Check(CudaDriverApi.StreamEndCapture(streams[0], out graph), "cuStreamEndCapture");
            }

            CudaDriverApi.Check(CudaDriverApi.GraphInstantiate(out _executable, graph, 0), "cuGraphInstantiate");
        }
        catch
        {
            Dispose();
            throw;
        }
        finally
        {
            if (graph != 0)
                _ = CudaDriverApi.GraphDestroy(graph);
            foreach (var stream in streams.Where(stream => stream != 0))
                _ = CudaDriverApi.StreamDestroy(stream);
        }
    }

    /// <summary>[layers, rows] of the last replay; see <see cref="CudaPassLog"/>.</summary>
    public Tensor Watch => _watch;

    /// <summary>int64, one a row: what the next replay reads.</summary>
    public Tensor Tokens => _tokens;

    /// <summary>The residual stream after the last block of the last replay.</summary>
    public Tensor Output => _x;

    /// <summary>Reads the tokens.</summary>
    public void Replay() => CudaDriverApi.Check(CudaDriverApi.GraphLaunch(_executable, 0), "cuGraphLaunch");

    /// <summary>Reads one token a row: the residual stream after the last block, the caller's own.</summary>
    public Tensor Run(Tensor tokens)
    {
        _tokens.copy_(tokens.reshape(_tokens.shape));
        Replay();
        return _x.clone();
    }

    public void Dispose()
    {
        if (_executable != 0)
            _ = CudaDriverApi.GraphExecDestroy(_executable);
        _executable = 0;
        foreach (var tensor in (Tensor[])[_tokens, _x, _watch, _scratch])
            tensor.Dispose();
    }

    /// <summary>Some of the rows through all blocks.</summary>
    private void Capture(QuietBlocks blocks, MambaState state, int first, int rows, nint scratch)
    {
        nint At(Tensor tensor) => DevicePointer.Of(tensor) + (nint)(first * tensor.stride(0) * tensor.element_size());
        for (var layer = 0; layer < state.LayerCount; layer++)
        {
            var isLast = layer + 1 == state.LayerCount;
            blocks.Run(
                layer, scratch, At(_x), At(state.Convolution(layer)), At(state.Ssm(layer)), rows, DevicePointer.Of(_watch) + (nint)(((layer * _watch.shape[1]) + first) * sizeof(int)),
                isLast ? 0 : At(state.Convolution(layer + 1)), isLast ? 0 : At(state.Ssm(layer + 1)));
        }
    }

    /// <summary>What comes to the one stream waits for what the other holds.</summary>
    private static void Follow(nint stream, nint other)
    {
        CudaDriverApi.Check(CudaDriverApi.EventCreate(out var there, CudaDriverApi.WithoutTiming), "cuEventCreate");
        CudaDriverApi.Check(CudaDriverApi.EventRecord(there, other), "cuEventRecord");
        CudaDriverApi.Check(CudaDriverApi.StreamWaitEvent(stream, there, 0), "cuStreamWaitEvent");
        _ = CudaDriverApi.EventDestroy(there);
    }
}
