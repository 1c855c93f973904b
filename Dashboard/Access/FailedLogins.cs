using System.Security.Cryptography;
using System.Text;

namespace Sweep.Dashboard.Access;

/// <summary>
/// Whoever gives wrong passwords in a row for one user from one network waits longer and longer; the user, who is elsewhere, does not. In memory of a fixed size: keys share a fixed number of places
/// by a hash that nobody outside can know, and a place is another key's only once its pause is over.
/// </summary>
internal sealed class FailedLogins(TimeProvider time, int places = FailedLogins.Places)
{
    /// <summary>In a row, before there is a pause: a password that is mistyped costs nothing.</summary>
    public const int Free = 5;

    private const int Places = 4096;
    private static readonly TimeSpan First = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    /// <summary>Failures that lie further back count no more.</summary>
    private static readonly TimeSpan Memory = TimeSpan.FromHours(2);

    private readonly Place[] _places = [.. Enumerable.Range(0, places).Select(_ => new Place())];
    private readonly byte[] _seed = RandomNumberGenerator.GetBytes(16);

    /// <summary>Null: it may be tried; else how long to wait.</summary>
    public TimeSpan? PauseOf(string user, string network)
    {
        var (place, hash) = Find(user, network);
        lock (place)
        {
            var left = place.Until - time.GetUtcNow();
            return place.Hash.AsSpan().SequenceEqual(hash) && left > TimeSpan.Zero ? left : null;
        }
    }

    public void Fail(string user, string network)
    {
        var (place, hash) = Find(user, network);
        var now = time.GetUtcNow();
        lock (place)
        {
            var isOurs = place.Hash.AsSpan().SequenceEqual(hash);
            if (!isOurs && place.Until > now)
                return;
            place.Failures = isOurs && now - place.At < Memory ? place.Failures + 1 : 1;
            (place.Hash, place.At) = (hash, now);
            var beyond = place.Failures - Free;
            place.Until = beyond < 0 ? now : now + TimeSpan.FromTicks(Math.Min(Longest.Ticks, First.Ticks << Math.Min(beyond, 10)));
        }
    }

    public void Succeed(string user, string network)
    {
        var (place, hash) = Find(user, network);
        lock (place)
        {
            if (place.Hash.AsSpan().SequenceEqual(hash))
                place.Failures = 0;
        }
    }

    private (Place Place, byte[] Hash) Find(string user, string network)
    {
        var hash = HMACSHA256.HashData(_seed, Encoding.UTF8.GetBytes($"{user}\n{network}"));
        return (_places[BitConverter.ToUInt32(hash) % (uint)_places.Length], hash);
    }

    private sealed class Place
    {
        public byte[] Hash { get; set; } = [];

        public int Failures { get; set; }

        public DateTimeOffset At { get; set; }

        public DateTimeOffset Until { get; set; }
    }
}
