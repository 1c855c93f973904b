using Sweep.Models.Cuda;
using static TorchSharp.torch;

namespace Sweep.Models.Mamba;

/// <summary>
/// One token a row through all blocks as a CUDA graph: captured once on a stream of its own (torch's cannot be captured) and replayed on torch's. It reads and writes the buffers that it was
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
        _scratch = empty([blocks.ScratchBytes(rows)], uint8, device).DetachFromDisposeScope();
        CudaDriverApi.Check(CudaDriverApi.StreamCreate(out var stream, CudaDriverApi.NonBlocking), "cuStreamCreate");
        nint graph = 0;
        try
        {
            CudaDriverApi.Check(CudaDriverApi.StreamBeginCapture(stream, CudaDriverApi.CaptureRelaxed), "cuStreamBeginCapture");
            _context.Stream = stream;
            try
            {
                CudaPassLog.Clear(_watch, _context);
                kernels.Embed(_tokens, embedding, _x);
                _context.IsOverlapping = true;
                for (var layer = 0; layer < state.LayerCount; layer++)
                {
                    blocks.Run(
                        layer, DevicePointer.Of(_scratch), DevicePointer.Of(_x), DevicePointer.Of(state.Convolution(layer)), DevicePointer.Of(state.Ssm(layer)), rows,
                        DevicePointer.Of(_watch) + ((nint)layer * rows * sizeof(int)),
                        layer + 1 < state.LayerCount ? DevicePointer.Of(state.Convolution(layer + 1)) : 0, layer + 1 < state.LayerCount ? DevicePointer.Of(state.Ssm(layer + 1)) : 0);
                }
            }
            finally
            {
                (_context.Stream, _context.IsOverlapping) = (0, false);
                CudaDriverApi.Check(CudaDriverApi.StreamEndCapture(stream, out graph), "cuStreamEndCapture");
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
}
