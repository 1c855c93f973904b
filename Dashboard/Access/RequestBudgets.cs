using System.Security.Cryptography;

namespace Sweep.Dashboard.Access;

/// <summary>
/// So many requests a minute for each key, in memory of a fixed size: keys share a fixed number of buckets by a hash that nobody outside can know. Two keys in one bucket get less, never more.
/// </summary>
internal sealed class RequestBudgets(int perMinute, TimeProvider time, int buckets = RequestBudgets.Buckets)
{
    private const int Buckets = 4096;

    private readonly Bucket[] _buckets = [.. Enumerable.Range(0, buckets).Select(_ => new Bucket(perMinute))];
    private readonly byte[] _seed = RandomNumberGenerator.GetBytes(16);
    private readonly double _perSecond = perMinute / 60.0;

    /// <summary>Null: it may go on; else how long to wait.</summary>
    public TimeSpan? Take(string key)
    {
        var bucket = _buckets[IndexOf(key)];
        var now = time.GetTimestamp();
        lock (bucket)
        {
            if (bucket.At is { } at)
                bucket.Left = Math.Min(perMinute, bucket.Left + (time.GetElapsedTime(at, now).TotalSeconds * _perSecond));
            bucket.At = now;
            if (bucket.Left < 1)
                return TimeSpan.FromSeconds(Math.Ceiling((1 - bucket.Left) / _perSecond));
            bucket.Left--;
            return null;
        }
    }

    private int IndexOf(string key)
    {
        Span<byte> hash = stackalloc byte[32];
        HMACSHA256.HashData(_seed, System.Text.Encoding.UTF8.GetBytes(key), hash);
        return (int)(BitConverter.ToUInt32(hash) % (uint)_buckets.Length);
    }

    private sealed class Bucket(double left)
    {
        public double Left { get; set; } = left;

        public long? At { get; set; }
    }
}
