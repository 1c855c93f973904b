namespace Sweep.Persistence;

/// <summary>How times are stored: UTC microseconds since 1970, which every database can order and compare.</summary>
internal static class Microseconds
{
    private const long Epoch = 62135596800000000;

    public static long Of(DateTimeOffset time) => (time.UtcTicks / 10) - Epoch;

    public static DateTimeOffset ToTime(long microseconds) => new((microseconds + Epoch) * 10, TimeSpan.Zero);
}
