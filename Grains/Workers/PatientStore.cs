using Sweep.Contracts.Store;

namespace Sweep.Grains.Workers;

/// <summary>Repeats a call to a store that is away, with growing pauses, until a bound; then the store's exception comes through.</summary>
internal sealed class PatientStore(ISweepStore store, TimeProvider time, TimeSpan patience)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    /// <param name="isImpatient">True: the bound is reached now, for instance because the process is to end.</param>
    public async Task<T> CallAsync<T>(Func<ISweepStore, Task<T>> call, Func<bool> isImpatient, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                return await call(store);
            }
            catch (StoreUnavailableException) when (!isImpatient() && time.GetElapsedTime(start) + pause <= patience)
            {
                await Task.Delay(pause, time, cancellationToken);
            }
        }
    }

    public Task CallAsync(Func<ISweepStore, Task> call, Func<bool> isImpatient, CancellationToken cancellationToken) =>
        CallAsync(
            async inner =>
            {
                await call(inner);
                return true;
            },
            isImpatient,
            cancellationToken);
}
