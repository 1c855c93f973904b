using System.Text.Json;
using Sweep.Contracts.Jobs;
using Sweep.Contracts.Json;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Results;
using Sweep.Contracts.Store;

namespace Sweep.Persistence.Exports;

/// <summary>Formats of an export.</summary>
public enum ExportFormat
{
    Csv,
    Json,
    Parquet,
}

/// <summary>
/// Writes a sweep's results. The bytes are a function of the plan and the files it names: no time, host, worker, attempt or cost, unless the run is asked for; rows sorted
/// ordinally by job and item.
/// </summary>
public static class SweepExporter
{
    /// <param name="store">Holds the sweep.</param>
    /// <param name="sweepId">A sweep whose plan is resolved.</param>
    /// <param name="format">JSON holds everything, CSV and Parquet the item rows.</param>
    /// <param name="withRun">Adds the run's times and cost (JSON only).</param>
    /// <param name="target">Left open.</param>
    /// <param name="cancellationToken">Ends the export.</param>
    public static async Task ExportAsync(ISweepStore store, string sweepId, ExportFormat format, bool withRun, Stream target, CancellationToken cancellationToken)
    {
        var sweep = await store.FindSweepAsync(sweepId, cancellationToken) ?? throw new ArgumentException($"sweep {sweepId}: found none in the store");
        var resolved = await store.LoadResolutionAsync(sweepId, cancellationToken) ?? throw new ArgumentException($"sweep {sweepId}: found no resolved plan, expected a sweep that has begun to run");
        var jobs = PlanExpander.Jobs(sweep.Plan, resolved).DistinctBy(pair => pair.Job.Id).OrderBy(pair => pair.Job.Id).ToArray();
        var items = resolved.Benchmarks.SelectMany(benchmark => benchmark.Items).Select(item => item.Id).ToHashSet(StringComparer.Ordinal);
        var rows = store.ReadItemResultsAsync([.. jobs.Select(pair => pair.Job.Id)], items, cancellationToken);
        var withPairs = NumericsIds.DependOnPacking(resolved.NumericsId);
        switch (format)
        {
            case ExportFormat.Csv:
                await ItemRowCsv.WriteAsync(rows, withPairs, target, cancellationToken);
                break;
            case ExportFormat.Parquet:
                await ItemRowParquet.WriteAsync(rows, withPairs, target, cancellationToken);
                break;
            case ExportFormat.Json:
                await WriteJsonAsync(store, sweep, resolved, [.. jobs.Select(pair => pair.Job)], rows, withRun, target, cancellationToken);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(format), format, "expected Csv, Json or Parquet");
        }
    }

    private static async Task WriteJsonAsync(
        ISweepStore store, SweepRecord sweep, ResolvedPlan resolved, JobSpec[] jobs, IAsyncEnumerable<ItemResult> rows, bool withRun, Stream target, CancellationToken cancellationToken)
    {
        await using var json = new Utf8JsonWriter(target, new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = SweepJson.Options.Encoder });
        json.WriteStartObject();
        json.WriteString("format", "sweep-export/2");
        json.WriteString("sweep", sweep.Id);
        json.WritePropertyName("plan");
        JsonSerializer.Serialize(json, sweep.Plan, SweepJson.Options);
        json.WritePropertyName("resolved");
        JsonSerializer.Serialize(json, resolved, SweepJson.Options);
        json.WritePropertyName("summary");
        JsonSerializer.Serialize(json, await store.LoadSummaryAsync(sweep.Id, cancellationToken), SweepJson.Options);
        json.WriteStartArray("jobs");
        foreach (var job in jobs)
        {
            json.WriteStartObject();
            json.WriteString("id", job.Id.Value);
            json.WritePropertyName("identity");
            JsonSerializer.Serialize(json, job.Identity, SweepJson.Options);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("items");
        await foreach (var row in rows.WithCancellation(cancellationToken))
        {
            WriteRow(json, row);
            if (json.BytesPending > 1 << 16)
                await json.FlushAsync(cancellationToken);
        }

        json.WriteEndArray();
        if (withRun)
        {
            var cost = await store.ReadCostAsync(sweep.Id, cancellationToken);
            json.WriteStartObject("run");
            json.WriteString("state", sweep.State.ToString());
            json.WriteString("submitted_at", sweep.SubmittedAt);
            if (sweep.FinishedAt is { } finished)
                json.WriteString("finished_at", finished);
            json.WritePropertyName("cost");
            JsonSerializer.Serialize(json, cost, SweepJson.Options);
            json.WritePropertyName("batches");
            JsonSerializer.Serialize(json, await store.ListBatchesAsync(sweep.Id, cancellationToken), SweepJson.Options);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        await json.FlushAsync(cancellationToken);
        target.WriteByte((byte)'\n');
    }

    private static void WriteRow(Utf8JsonWriter json, ItemResult row)
    {
        json.WriteStartObject();
        json.WriteString("job", row.JobId.Value);
        json.WriteString("item", row.ItemId);
        json.WriteString("prompt_hash", row.PromptHash);
        if (row.Response is not null)
        {
            if (ResponseText.TryDecode(row.Response, out var text))
                json.WriteString("response", text);
            else
                json.WriteBase64String("response_base64", row.Response);
        }

        Metrics(row.Metrics);
        Number("log_likelihood", row.LogLikelihood);
        Number("log_likelihood_tokens", row.LogLikelihoodTokens);
        if (row.GoldLogLikelihoods is not null)
        {
            json.WritePropertyName("gold_log_likelihoods");
            JsonSerializer.Serialize(json, row.GoldLogLikelihoods, SweepJson.Options);
        }

        if (row.Flags != ItemFlags.None)
            json.WriteString("flags", row.Flags.ToString());
        Number("diverged_layer", row.DivergedLayer);
        Number("diverged_step", row.DivergedStep);
        json.WritePropertyName("receipt");
        JsonSerializer.Serialize(json, row.Receipt, SweepJson.Options);
        if (row.Pair is { } pair)
        {
            json.WriteStartObject("pair");
            Metrics(pair.Metrics);
            Number("log_likelihood", pair.LogLikelihood);
            json.WriteEndObject();
        }

        json.WriteEndObject();

        void Metrics(IReadOnlyDictionary<string, double> metrics)
        {
            json.WriteStartObject("metrics");
            foreach (var metric in metrics.OrderBy(metric => metric.Key, StringComparer.Ordinal))
                json.WriteNumber(metric.Key, metric.Value);
            json.WriteEndObject();
        }

        void Number(string name, double? value)
        {
            if (value is { } number)
                json.WriteNumber(name, number);
        }
    }
}
