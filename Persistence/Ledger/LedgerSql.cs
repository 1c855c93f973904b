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
        INSERT INTO item_results (job_key, item_key, attempt, prompt_hash, response, metrics, log_likelihood, log_likelihood_tokens, gold_log_likelihoods, flags, diverged_layer,
            diverged_step, positions_touched, on_target_minimum, on_target_maximum, off_target_deviation, relative_change, next_token_kl,
            pair_metrics, pair_log_likelihood)
        VALUES (@job, @item, @attempt, @prompt_hash, @response, @metrics, @log_likelihood, @log_likelihood_tokens, @gold_log_likelihoods, @flags, @diverged_layer,
            @diverged_step, @positions_touched, @on_target_minimum, @on_target_maximum, @off_target_deviation, @relative_change, @next_token_kl,
            @pair_metrics, @pair_log_likelihood)
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
        RETURNING sweep_id, payload, attempts, failed_attempts
        """;

    /// <summary>A batch that was set aside is to run again, unless its sweep was canceled.</summary>
    public const string RetryBatch = """
        UPDATE batches SET status = 'Pending', failed_attempts = 0, worker_id = NULL, reason = NULL
        WHERE id = @id AND status IN ('Quarantined', 'Faulted') AND sweep_id IN (SELECT id FROM sweeps WHERE state <> 'Canceled')
        RETURNING sweep_id, payload
        """;

    public static string ForgetOutcomes(StoreDialect dialect) => $"""
        UPDATE sweep_jobs SET outcome = NULL, reason = NULL WHERE sweep_id = @sweep AND job_key IN (SELECT key FROM jobs WHERE job_id IN ({dialect.Texts("@jobs")}))
        """;

    public const string EndAttempt = "UPDATE attempts SET ended_at = @now, outcome = @outcome, reason = @reason WHERE batch_id = @id AND token = @token RETURNING worker_id";

    /// <summary>Job, item and mark of each row of these jobs.</summary>
    public static string RecordedRows(StoreDialect dialect) => $"""
        SELECT j.job_id, i.item_id, r.attempt FROM jobs j JOIN item_results r ON r.job_key = j.key JOIN items i ON i.key = r.item_key WHERE j.job_id IN ({dialect.Texts("@jobs")})
        """;

    /// <summary>Which of these items each of these jobs has in the ledger.</summary>
    public static string RecordedItems(StoreDialect dialect) => $"SELECT j.job_id, i.item_id {Recorded(dialect)}";

    /// <summary>How many of these items each of these jobs has in the ledger; jobs with none are absent.</summary>
    public static string CountRecorded(StoreDialect dialect) => $"SELECT j.job_id, count(*) {Recorded(dialect)} GROUP BY j.job_id";

    public const string ReadResults = """
        SELECT i.item_id, r.prompt_hash, r.response, r.metrics, r.log_likelihood, r.log_likelihood_tokens, r.gold_log_likelihoods, r.flags, r.diverged_layer, r.diverged_step,
            r.positions_touched, r.on_target_minimum, r.on_target_maximum, r.off_target_deviation, r.relative_change, r.next_token_kl,
            r.pair_metrics, r.pair_log_likelihood
        FROM item_results r JOIN items i ON i.key = r.item_key JOIN jobs j ON j.key = r.job_key WHERE j.job_id = @job
        """;

    public static string InsertJobs(StoreDialect dialect) => $"""
        INSERT INTO jobs (job_id, spec) SELECT r.job, r.spec FROM {dialect.Rows("@rows", ("job", "text"), ("spec", "text"))}
        WHERE NOT EXISTS (SELECT 1 FROM jobs j WHERE j.job_id = r.job) ORDER BY r.job ON CONFLICT (job_id) DO NOTHING
        """;

    public static string InsertSweepJobs(StoreDialect dialect) => $"""
        INSERT INTO sweep_jobs (sweep_id, ordinal, job_key, benchmark)
        SELECT @sweep, r.ordinal, j.key, r.benchmark FROM {dialect.Rows("@rows", ("job", "text"), ("ordinal", "int"), ("benchmark", "int"))}
        JOIN jobs j ON j.job_id = r.job WHERE true ORDER BY r.ordinal ON CONFLICT DO NOTHING
        """;

    public static string InsertBatches(StoreDialect dialect)
    {
        var rows = dialect.Rows("@rows", ("id", "text"), ("sweep", "text"), ("number", "int"), ("payload", "text"), ("weights", "text"), ("count", "int"));
        return $"""
            INSERT INTO batches (id, sweep_id, number, payload, weights_hash, rows, status, token, attempts, failed_attempts)
            SELECT r.id, r.sweep, r.number, r.payload, r.weights, r.count, 'Pending', 0, 0, 0 FROM {rows} WHERE true ORDER BY r.id ON CONFLICT DO NOTHING
            RETURNING id
            """;
    }

    /// <summary>Jobs get as many further open batches as the rows say.</summary>
    public static string OpenJobs(StoreDialect dialect) => $"""
        WITH chosen AS (
            SELECT s.ordinal, r.count FROM {dialect.Rows("@rows", ("job", "text"), ("count", "int"))} JOIN jobs j ON j.job_id = r.job
            JOIN sweep_jobs s ON s.sweep_id = @sweep AND s.job_key = j.key ORDER BY s.ordinal {OfJobs(dialect)})
        UPDATE sweep_jobs SET open_batches = open_batches + chosen.count FROM chosen WHERE sweep_jobs.sweep_id = @sweep AND sweep_jobs.ordinal = chosen.ordinal
        """;

    /// <summary>A batch of these jobs has ended: one open batch less, and an outcome where it was the last or was set aside.</summary>
    public static string EndJobs(StoreDialect dialect) => $"""
        WITH chosen AS (
            SELECT s.ordinal FROM sweep_jobs s JOIN jobs j ON j.key = s.job_key WHERE s.sweep_id = @sweep AND j.job_id IN ({dialect.Texts("@jobs")})
            ORDER BY s.ordinal {OfJobs(dialect)})
        UPDATE sweep_jobs SET open_batches = open_batches - 1,
            outcome = CASE WHEN @status <> 'Completed' THEN @status WHEN outcome IS NULL AND open_batches <= 1 THEN 'Completed' ELSE outcome END,
            reason = CASE WHEN @status <> 'Completed' THEN @reason ELSE reason END
        FROM chosen WHERE sweep_jobs.sweep_id = @sweep AND sweep_jobs.ordinal = chosen.ordinal
        RETURNING sweep_jobs.ordinal, sweep_jobs.job_key, sweep_jobs.benchmark, sweep_jobs.open_batches, sweep_jobs.outcome, sweep_jobs.reason
        """;

    /// <summary>Jobs that the ledger held already when their sweep was expanded: no batch has them.</summary>
    public const string EndRecordedJobs = """
        UPDATE sweep_jobs SET outcome = 'Completed' WHERE sweep_id = @sweep AND open_batches = 0 AND outcome IS NULL
        RETURNING ordinal, job_key, benchmark, open_batches, outcome, reason
        """;

    private static string Recorded(StoreDialect dialect) => $"""
        FROM jobs j JOIN item_results r ON r.job_key = j.key JOIN items i ON i.key = r.item_key
        WHERE j.job_id IN ({dialect.Texts("@jobs")}) AND i.item_id IN ({dialect.Texts("@items")})
        """;

    private static string OfJobs(StoreDialect dialect) => dialect.ForUpdate.Length == 0 ? "" : $"{dialect.ForUpdate} OF s";
}
