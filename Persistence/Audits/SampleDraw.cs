using Sweep.Contracts.Jobs;

namespace Sweep.Persistence.Audits;

/// <summary>Draws so many of the pairs that are offered, each with the same chance, in one pass; the seed and the order of the plan decide which.</summary>
internal sealed class SampleDraw(int size, int seed)
{
    private readonly Random _random = new(seed);
    private readonly List<(JobSpec Job, string Item)> _drawn = [];
    private long _offered;

    public IReadOnlyList<(JobSpec Job, string Item)> Drawn => _drawn;

    public void Offer(JobSpec job, IReadOnlyList<string> items)
    {
        foreach (var item in items)
        {
            _offered++;
            if (_drawn.Count < size)
            {
                _drawn.Add((job, item));
                continue;
            }

            var place = _random.NextInt64(_offered);
            if (place < size)
                _drawn[(int)place] = (job, item);
        }
    }
}
