using Sweep.Persistence.Ledger;

namespace Sweep.Persistence.Audits;

/// <summary>How many rows carry the mark of each attempt, held against what each attempt says that it wrote.</summary>
internal sealed class MarkCounts
{
    private readonly Dictionary<long, long> _rows = [];
    private long _unmarked;

    public void Add(long? mark)
    {
        if (mark is { } value)
            _rows[value] = _rows.GetValueOrDefault(value) + 1;
        else
            _unmarked++;
    }

    /// <summary>Whether there are rows that none of these attempts wrote.</summary>
    public bool HasForeign(IReadOnlyList<AttemptRecord> own)
    {
        var marks = own.Select(Mark).ToHashSet();
        return _rows.Keys.Any(mark => !marks.Contains(mark));
    }

    public RowAccount Settle(IReadOnlyList<AttemptRecord> own, IReadOnlyList<(string BatchId, long Token)> others, long late, List<string> problems)
    {
        // Rows of a version that did not mark them stand in for what an attempt of that version lacks, and for no more than that.
        var lacking = 0L;
        foreach (var attempt in own)
        {
            var marked = _rows.GetValueOrDefault(Mark(attempt));
            if (marked > attempt.RowsAccepted || (marked < attempt.RowsAccepted && _unmarked == 0))
                problems.Add($"attempt {attempt.BatchId} token {attempt.Token}: says it wrote {attempt.RowsAccepted} rows, found {marked}");
            else
                lacking += attempt.RowsAccepted - marked;
        }

        if (lacking > _unmarked)
            problems.Add($"attempts say they wrote {lacking} rows that have no mark, found {_unmarked} of those");
        var rejected = own.Sum(attempt => (long)attempt.RowsRejected);
        if (rejected != late)
            problems.Add($"attempts say that {rejected} of their rows came too late, the sweep says {late}");

        var ownMarks = own.Select(Mark).ToHashSet();
        var otherMarks = others.Select(attempt => AttemptMark.Of(attempt.BatchId, attempt.Token)).ToHashSet();
        return new RowAccount
        {
            Accepted = own.Sum(attempt => (long)attempt.RowsAccepted),
            Marked = _rows.Where(pair => ownMarks.Contains(pair.Key)).Sum(pair => pair.Value),
            Shared = own.Sum(attempt => (long)attempt.RowsShared),
            Rejected = rejected,
            LateWrites = late,
            OfOtherSweeps = _rows.Where(pair => !ownMarks.Contains(pair.Key) && otherMarks.Contains(pair.Key)).Sum(pair => pair.Value),
            OfRemovedSweeps = _rows.Where(pair => !ownMarks.Contains(pair.Key) && !otherMarks.Contains(pair.Key)).Sum(pair => pair.Value),
            Unmarked = _unmarked,
        };
    }

    private static long Mark(AttemptRecord attempt) => AttemptMark.Of(attempt.BatchId, attempt.Token);
}
