using System.Data.Common;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Sweep.Contracts.Messages;
using Sweep.Contracts.Store;
using Sweep.Persistence.Access;
using Sweep.Persistence.Ledger;

namespace Sweep.Persistence;

/// <summary>Inbox and outbox: rows of the same transaction as the change they belong to.</summary>
internal sealed partial class EfSweepStore
{
    private const string InsertInbox = "INSERT INTO inbox (message_id, consumer, received_at) VALUES (@message, @consumer, {0}) ON CONFLICT DO NOTHING";

    private const string InsertOutbox = "INSERT INTO outbox (message_id, kind, payload, created_at, attempts, next_at) VALUES (@message, @kind, @payload, {0}, 0, {0})";

    private const string Claim = """
        UPDATE outbox SET attempts = attempts + 1, next_at = {0} + @claim
        WHERE id IN (SELECT id FROM outbox WHERE next_at <= {0} ORDER BY id LIMIT @max {1})
        RETURNING id, message_id, kind, payload, created_at, attempts, last_error
        """;

    private static readonly string Rejection = MessageNames.Of<SweepRejected>();

    private static readonly string[] Submissions = [MessageNames.Of<SubmitSweep>(), MessageNames.Of<RunExperiment>()];

    private string Now => dialect.Now(time);

    public Task<bool> TryHandleAsync(InboxMessage message, IReadOnlyList<OutboxEvent> answers, CancellationToken cancellationToken) => WriteAsync(async database =>
    {
        if (!await NoteAsync(database, message, cancellationToken))
            return false;
        await SendAsync(database, answers, cancellationToken);
        foreach (var rejected in answers.Where(answer => answer.Kind == Rejection).Select(answer => JsonSerializer.Deserialize<SweepRejected>(answer.Payload)!).Where(one => Submissions.Contains(one.Command)))
            await NoteAsync(database, Refused(message, rejected), cancellationToken);
        return true;
    }, cancellationToken);

    public Task<IReadOnlyList<OutboxMessage>> ReadOutboxAsync(int max, TimeSpan claim, CancellationToken cancellationToken) => WriteAsync<IReadOnlyList<OutboxMessage>>(async database =>
    {
        var skip = dialect.ForUpdate.Length == 0 ? "" : $"{dialect.ForUpdate} SKIP LOCKED";
        await using var command = database.Command(string.Format(null, Claim, Now, skip)).With("@claim", Micros(claim)).With("@max", max);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var taken = new List<OutboxMessage>();
        while (await reader.ReadAsync(cancellationToken))
        {
            taken.Add(new OutboxMessage
            {
                Id = reader.GetInt64(0),
                Event = new OutboxEvent(reader.GetString(1), reader.GetString(2), reader.GetString(3)),
                CreatedAt = Microseconds.ToTime(reader.GetInt64(4)),
                Attempts = reader.GetInt32(5) - 1,
                LastError = reader.IsDBNull(6) ? null : reader.GetString(6),
            });
        }

        return [.. taken.OrderBy(message => message.Id)];
    }, cancellationToken);

    public Task DeleteOutboxAsync(IReadOnlyList<long> ids, CancellationToken cancellationToken) => WriteAsync(database =>
        database.Context.Outbox.Where(message => ids.Contains(message.Id)).ExecuteDeleteAsync(cancellationToken), cancellationToken);

    public Task PostponeOutboxAsync(long id, string error, TimeSpan delay, CancellationToken cancellationToken) => WriteAsync(async database =>
    {
        await using var command = database.Command($"UPDATE outbox SET last_error = @error, next_at = {Now} + @delay WHERE id = @id")
            .With("@error", ItemText.Clean(error)).With("@delay", Micros(delay)).With("@id", id);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }, cancellationToken);

    public Task<OutboxBacklog> ReadOutboxBacklogAsync(CancellationToken cancellationToken) => ReadAsync(async context =>
    {
        await using var command = (await OpenAsync(context, cancellationToken)).Command(null, $"SELECT count(*), {Now} - min(created_at) FROM outbox");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new OutboxBacklog { Count = (int)reader.GetInt64(0), OldestAge = reader.IsDBNull(1) ? null : TimeSpan.FromMicroseconds(Math.Max(0, reader.GetInt64(1))) };
    }, cancellationToken);

    public Task<int> TrimInboxAsync(TimeSpan olderThan, CancellationToken cancellationToken) => WriteAsync(async database =>
    {
        await using var command = database.Command($"DELETE FROM inbox WHERE received_at < {Now} - @age").With("@age", Micros(olderThan));
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }, cancellationToken);

    /// <summary>Its sender is told by an event; whoever runs the cluster finds it in the journal.</summary>
    private static JournalEntry Refused(InboxMessage message, SweepRejected rejected) => new()
    {
        Actor = $"message:{message.MessageId}",
        Action = JournalEntry.Submit,
        Target = rejected.Key ?? "",
        Origin = rejected.Command,
        Outcome = JournalOutcome.Refused,
        Detail = string.Join('\n', rejected.Problems),
    };

    /// <summary>False: this consumer has handled the message before.</summary>
    private async Task<bool> NoteAsync(StoreTransaction database, InboxMessage message, CancellationToken cancellationToken)
    {
        await using var command = database.Command(string.Format(null, InsertInbox, Now)).With("@message", message.MessageId).With("@consumer", message.Consumer);
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    private async Task SendAsync(StoreTransaction database, IEnumerable<OutboxEvent>? messages, CancellationToken cancellationToken)
    {
        if (messages is null)
            return;
        await using var command = database.Command(string.Format(null, InsertOutbox, Now));
        foreach (var message in messages)
            await command.With("@message", message.MessageId).With("@kind", message.Kind).With("@payload", message.Payload).ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Runs an update of a sweep's jobs and tells of those that have no open batch left.</summary>
    private async Task EndJobsAsync(StoreTransaction database, string sweepId, DbCommand update, CancellationToken cancellationToken)
    {
        var ended = new List<(int Ordinal, long Key, int Benchmark, string Outcome, string? Reason)>();
        await using (update)
        await using (var reader = await update.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                if (reader.GetInt32(3) <= 0 && !reader.IsDBNull(4))
                    ended.Add((reader.GetInt32(0), reader.GetInt64(1), reader.GetInt32(2), reader.GetString(4), reader.IsDBNull(5) ? null : reader.GetString(5)));
            }
        }

        if (events is null || ended.Count == 0)
            return;
        var specs = new Dictionary<long, string>();
        foreach (var keys in ended.Select(job => job.Key).Distinct().Chunk(500))
        {
            foreach (var job in await database.Context.Jobs.AsNoTracking().Where(job => keys.Contains(job.Key)).ToListAsync(cancellationToken))
                specs[job.Key] = job.Spec;
        }

        await SendAsync(database, ended.OrderBy(job => job.Ordinal).SelectMany(job => events.OnJobEnded(new JobEnd
        {
            SweepId = sweepId,
            Ordinal = job.Ordinal,
            Job = Spec(specs[job.Key]),
            Benchmark = job.Benchmark,
            Outcome = Enum.Parse<BatchStatus>(job.Outcome),
            Reason = job.Reason,
        })), cancellationToken);
    }

    private static long Micros(TimeSpan span) => span.Ticks / TimeSpan.TicksPerMicrosecond;
}
