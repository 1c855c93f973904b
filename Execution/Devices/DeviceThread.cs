using System.Collections.Concurrent;
using TorchSharp;

namespace Sweep.Execution.Devices;

/// <summary>
/// The one thread that touches a device's tensors. Work runs in the order of its arrival, without gradients; nothing is awaited on it, so that
/// dispose scopes and torch's per-thread settings hold for all of it.
/// </summary>
internal sealed class DeviceThread : IAsyncDisposable
{
    private readonly BlockingCollection<Action> _queue = [];
    private readonly Thread _thread;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _disposed;

    /// <param name="device">"cpu:0", "cuda:1".</param>
    /// <param name="intraOpThreads">Threads that one operation may use on CPU; null leaves torch's own choice.</param>
    public DeviceThread(string device, int? intraOpThreads)
    {
        Device = device;
        _thread = new Thread(() => Run(intraOpThreads)) { IsBackground = true, Name = $"device {device}" };
        _thread.Start();
    }

    public string Device { get; }

    /// <summary>Queues the work; a failure of it is the task's. Cancellation before it starts skips it, afterwards it is up to the work.</summary>
    public Task<T> InvokeAsync<T>(Func<CancellationToken, T> work, CancellationToken cancellationToken)
    {
        var completion = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);
        try
        {
            _queue.Add(() => Complete(completion, work, cancellationToken), CancellationToken.None);
        }
        catch (InvalidOperationException)
        {
            throw new ObjectDisposedException(nameof(DeviceThread));
        }

        return completion.Task;
    }

    /// <summary>Ends what is queued, then joins the thread.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
            _queue.CompleteAdding();
        await _ended.Task;
        _thread.Join();
    }

    private static void Complete<T>(TaskCompletionSource<T> completion, Func<CancellationToken, T> work, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            completion.SetCanceled(cancellationToken);
            return;
        }

        try
        {
            completion.SetResult(work(cancellationToken));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            completion.SetCanceled(cancellationToken);
        }
        catch (Exception failure)
        {
            completion.SetException(failure);
        }
    }

    private void Run(int? intraOpThreads)
    {
        var prepared = false;
        IDisposable? inference = null;
        foreach (var work in _queue.GetConsumingEnumerable())
        {
            // Only now: a thread that never gets work need not load torch.
            if (!prepared)
            {
                prepared = true;
                inference = Prepare(intraOpThreads);
            }

            work();
        }

        inference?.Dispose();
        _queue.Dispose();
        _ended.SetResult();
    }

    private static IDisposable? Prepare(int? intraOpThreads)
    {
        try
        {
            if (intraOpThreads is { } threads)
                torch.set_num_threads(threads);
            return torch.inference_mode();
        }
        catch (Exception)
        {
            // Torch cannot be loaded: the first work that needs a tensor says so.
            return null;
        }
    }
}
