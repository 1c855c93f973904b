namespace Sweep.Persistence.Ledger;

/// <summary>The statements whose meaning is the system's promise. They are the same text on SQLite and PostgreSQL.</summary>
internal static class LedgerSql
{
    /// <summary>A grant is this one update: no row, no lease.</summary>
    public const string Grant = """
        UPDATE batches SET status = 'Leased', token = token + 1, attempts = attempts + 1, worker_id = @worker, reason = NULL
        WHERE id = @id AND (status = 'Pending' OR (status = 'Leased' AND token = @expected))
        RETURNING token, sweep_id
        """;

    /// <summary>Touches the batch under its token; no row means that the token is stale.</summary>
    public const string Fence = "UPDATE batches SET worker_id = @worker WHERE id = @id AND token = @token AND status = 'Leased'";

    public const string InsertItem = "INSERT INTO items (item_id) VALUES (@item) ON CONFLICT (item_id) DO NOTHING";

    public const string FindItem = "SELECT key FROM items WHERE item_id = @item";

    public const string FindJob = "SELECT key FROM jobs WHERE job_id = @job";

    public const string InsertResult = """
        INSERT INTO item_results (job_key, item_key, prompt_hash, response, metrics, log_likelihood, log_likelihood_tokens, gold_log_likelihoods, flags, diverged_layer,
            diverged_step, positions_touched, on_target_minimum, on_target_maximum, off_target_deviation, relative_change, next_token_kl)
        VALUES (@job, @item, @prompt_hash, @response, @metrics, @log_likelihood, @log_likelihood_tokens, @gold_log_likelihoods, @flags, @diverged_layer,
            @diverged_step, @positions_touched, @on_target_minimum, @on_target_maximum, @off_target_deviation, @relative_change, @next_token_kl)
        ON CONFLICT (job_key, item_key) DO NOTHING
        """;

    public const string CountAccepted = """
        UPDATE attempts SET rows_accepted = rows_accepted + @accepted, rows_shared = rows_shared + @shared, tokens = tokens + @tokens, device_seconds = device_seconds + @seconds
        WHERE batch_id = @id AND token = @token
        """;

    public const string CountLateInSweep = "UPDATE sweeps SET late_writes = late_writes + @rows WHERE id = @sweep";

    public const string CountLateInAttempt = "UPDATE attempts SET rows_rejected = rows_rejected + @rows WHERE batch_id = @id AND token = @token";

    public const string InsertAttempt = """
        INSERT INTO attempts (batch_id, token, sweep_id, worker_id, started_at, rows_accepted, rows_shared, rows_rejected, tokens, device_seconds)
        VALUES (@id, @token, @sweep, @worker, @now, 0, 0, 0, 0, 0)
        """;

    public const string EndLease = """
        UPDATE batches SET status = @status, failed_attempts = failed_attempts + @failed, worker_id = NULL, reason = @reason
        WHERE id = @id AND token = @token AND status = 'Leased'
        """;

    public const string EndAttempt = "UPDATE attempts SET ended_at = @now, outcome = @outcome, reason = @reason WHERE batch_id = @id AND token = @token";

    public const string RecordedItems = """
        SELECT i.item_id FROM item_results r JOIN items i ON i.key = r.item_key JOIN jobs j ON j.key = r.job_key WHERE j.job_id = @job
        """;

    public const string ReadResults = """
        SELECT i.item_id, r.prompt_hash, r.response, r.metrics, r.log_likelihood, r.log_likelihood_tokens, r.gold_log_likelihoods, r.flags, r.diverged_layer, r.diverged_step,
            r.positions_touched, r.on_target_minimum, r.on_target_maximum, r.off_target_deviation, r.relative_change, r.next_token_kl
        FROM item_results r JOIN items i ON i.key = r.item_key JOIN jobs j ON j.key = r.job_key WHERE j.job_id = @job
        """;

    public const string InsertJob = "INSERT INTO jobs (job_id, spec) VALUES (@job, @spec) ON CONFLICT (job_id) DO NOTHING";

    public const string InsertSweepJob = """
        INSERT INTO sweep_jobs (sweep_id, ordinal, job_key, benchmark) SELECT @sweep, @ordinal, key, @benchmark FROM jobs WHERE job_id = @job
        ON CONFLICT DO NOTHING
        """;

    public const string InsertBatch = """
        INSERT INTO batches (id, sweep_id, number, payload, weights_hash, rows, status, token, attempts, failed_attempts)
        VALUES (@id, @sweep, @number, @payload, @weights, @rows, 'Pending', 0, 0, 0) ON CONFLICT (id) DO NOTHING
        """;
}
