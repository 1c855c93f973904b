using System.Text;
using CsCheck;
using Sweep.Contracts.Results;
using Sweep.Contracts.Store;
using Sweep.Persistence.Exports;
using Sweep.Persistence.Ledger;
using Sweep.Persistence.Postgres;
using Sweep.Persistence.Tests.Stores;
using Sweep.Tests.Servers;
using Xunit;

namespace Sweep.Persistence.Tests.Contract;

public sealed class SqliteRowTests() : RowContract(new SqliteHome());

public sealed class PostgresRowTests(PostgresServer server) : RowContract(new PostgresHome(server))
{
    /// <summary>The exports' bytes do not depend on the database.</summary>
    [Theory]
    [InlineData(ExportFormat.Json)]
    [InlineData(ExportFormat.Csv)]
    [InlineData(ExportFormat.Parquet)]
    public async Task Export_OfBothDatabases_IsTheSameBytes(ExportFormat format)
    {
        await using var sqlite = new SqliteHome();
        var one = await FilledAsync(sqlite);
        var two = await FilledAsync(Home);
        var bytes = await ExportBytes.OfAsync(one, format, withRun: false, Token);
        Assert.True(bytes.Length > 200, $"found {bytes.Length} bytes");
        Assert.Equal(bytes, await ExportBytes.OfAsync(two, format, withRun: false, Token));
        if (format == ExportFormat.Json)
            Assert.Equal(await ExportBytes.OfAsync(one, format, withRun: true, Token), await ExportBytes.OfAsync(two, format, withRun: true, Token));
    }

    [Fact]
    public async Task Export_OfADatabaseWithAnotherOrderOfLetters_IsTheSameBytes()
    {
        // An ICU collation sorts "b" before "B" and ignores punctuation: nothing may lean on the order of the database.
        var connection = await server.CreateDatabaseAsync("TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US'");
        await PostgresSweepStore.MigrateAsync(connection, Token);
        await using var icu = new PostgresHome(server, connection);
        await using var sqlite = new SqliteHome();
        var (one, two) = (await FilledAsync(sqlite), await FilledAsync(icu));
        Assert.Equal(await ExportBytes.OfAsync(one, ExportFormat.Csv, withRun: false, Token), await ExportBytes.OfAsync(two, ExportFormat.Csv, withRun: false, Token));
    }

    private static async Task<ISweepStore> FilledAsync(StoreHome home)
    {
        var store = await home.OpenAsync(time: new Microsoft.Extensions.Time.Testing.FakeTimeProvider());
        await Rows.PrepareAsync(store, Token);
        var lease = (await store.TryGrantAsync(Rows.Batch.Id, 0, "w", 30, Token))!;
        ItemResult[] rows =
        [
            Rows.Result(0, 0) with { Response = [0, 1, 255, 0xC3], LogLikelihood = double.NaN, Flags = ItemFlags.Diverged, DivergedLayer = 3 },
            Rows.Result(0, 1) with { Response = Encoding.UTF8.GetBytes("a,\"b\"\r\n\0é"), LogLikelihood = -0.0, GoldLogLikelihoods = [-0.0, null, double.NegativeInfinity, 1e-310] },
            Rows.Result(0, 2) with { Response = null, LogLikelihood = 1.0 / 3, Receipt = new ReceiptRow { PositionsTouched = 3, OnTargetMinimum = 1e300, OffTargetDeviation = double.Epsilon } },
            Rows.Result(1, 0), Rows.Result(1, 1) with { Pair = new PairScore { Metrics = new Dictionary<string, double> { ["f1"] = 1.0 / 3, ["em"] = 0 }, LogLikelihood = -1.0 / 7 } }, Rows.Result(1, 2) with { LogLikelihood = 123456789012345678 },
        ];
        await store.RecordAsync(lease, Rows.Micro(rows), Token);
        return store;
    }
}

/// <summary>Whatever a row holds comes back.</summary>
public abstract class RowContract(StoreHome home) : IAsyncLifetime
{
    private static readonly Gen<double?> Number = Gen.OneOf(
        Gen.Double.Select(value => (double?)value), Any<double?>(null, double.NaN, double.PositiveInfinity, double.NegativeInfinity, -0.0, double.Epsilon, double.MaxValue));

    private static readonly Gen<int?> Count = Gen.OneOf(Gen.Int.Select(value => (int?)value), Gen.Const((int?)null));

    private static readonly Gen<ItemResult> Result = Gen.Select(
        Gen.Select(Gen.String[Gen.OneOf(Any('\0', '\u0001', '\u0002', '0', '1', 'é', '"', '\\', '\''), Gen.Char.AlphaNumeric), 0, 12], Gen.Int[0, 1], Gen.String[Gen.Char.AlphaNumeric, 16, 16]),
        Gen.Select(Gen.Byte.Array[0, 40].Null(), Gen.Dictionary(Gen.String[Gen.Char.AlphaNumeric, 1, 8], Gen.Double[0, 1])[0, 4]),
        Gen.Select(Number, Count, Number.Array[0, 4].Null(), Gen.Int[0, 15], Count, Count),
        Gen.Select(Gen.Int, Number, Number, Number, Number, Number),
        Gen.Select(Gen.Dictionary(Gen.String[Gen.Char.AlphaNumeric, 1, 8], Gen.Double[0, 1])[0, 4], Number, (metrics, number) => new PairScore { Metrics = metrics, LogLikelihood = number }).Null(),
        (id, text, score, receipt, pair) => new ItemResult
        {
            JobId = Rows.Jobs[id.Item2].Id,
            ItemId = id.Item1,
            PromptHash = id.Item3,
            Response = text.Item1,
            Metrics = text.Item2,
            LogLikelihood = score.Item1,
            LogLikelihoodTokens = score.Item2,
            GoldLogLikelihoods = score.Item3,
            Flags = (ItemFlags)score.Item4,
            DivergedLayer = score.Item5,
            DivergedStep = score.Item6,
            Receipt = new ReceiptRow
            {
                PositionsTouched = receipt.Item1,
                OnTargetMinimum = receipt.Item2,
                OnTargetMaximum = receipt.Item3,
                OffTargetDeviation = receipt.Item4,
                RelativeChange = receipt.Item5,
                NextTokenKl = receipt.Item6,
            },
            Pair = pair,
        });

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    protected StoreHome Home => home;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return home.DisposeAsync();
    }

    /// <param name="fewest">Rows of a micro-batch: few and many may go different ways.</param>
    /// <param name="most">At most so many.</param>
    /// <param name="times">Micro-batches.</param>
    [Theory]
    [InlineData(1, 6, 40)]
    [InlineData(127, 130, 8)]
    public async Task ItemResults_WhateverTheTextsBytesAndNumbers_ComeBack(int fewest, int most, int times)
    {
        var store = await home.OpenAsync();
        await Rows.PrepareAsync(store, Token);
        var lease = (await store.TryGrantAsync(Rows.Batch.Id, 0, "a", 30, Token))!;
        var sample = 0;
        await Result.Array[fewest, most].SampleAsync(
            async rows =>
            {
                var number = Interlocked.Increment(ref sample);
                rows = [.. rows.Select((row, index) => row with { ItemId = $"{number}:{index}:{row.ItemId}" })];
                Assert.Equal(rows.Length, (await store.RecordAsync(lease, Rows.Micro(rows), Token)).Accepted);
                var found = await store.ReadItemResultsAsync([.. Rows.Jobs.Select(job => job.Id)], [.. rows.Select(row => row.ItemId)], Token).ToArrayAsync(Token);
                Assert.Equal(rows.OrderBy(row => row.JobId).ThenBy(row => row.ItemId, StringComparer.Ordinal).Select(Text), found.Select(Text));
            },
            iter: times,
            threads: 1);
    }

    [Fact]
    public async Task Export_OfADeviceWhosePackingMatters_HasThePairsOfRowsThatHaveOne()
    {
        var store = await home.OpenAsync();
        var jobs = await Rows.PrepareAsync(store, Rows.Resolved with { NumericsId = "cuda/1" }, Token);
        var lease = (await store.TryGrantAsync(Rows.Batch.Id, 0, "a", 30, Token))!;
        var pair = new PairScore { Metrics = new Dictionary<string, double> { ["f1"] = 0.5, ["em"] = 1 }, LogLikelihood = -1.25 };
        await store.RecordAsync(lease, Rows.Micro(Rows.Result(0, 0) with { JobId = jobs[0].Id }, Rows.Result(1, 0) with { JobId = jobs[1].Id, Pair = pair }), Token);

        var json = System.Text.Json.JsonDocument.Parse(await ExportBytes.OfAsync(store, ExportFormat.Json, withRun: false, Token)).RootElement;
        var paired = Assert.Single(json.GetProperty("items").EnumerateArray(), row => row.TryGetProperty("pair", out _));
        Assert.Equal(jobs[1].Id.Value, paired.GetProperty("job").GetString());
        Assert.Equal(-1.25, paired.GetProperty("pair").GetProperty("log_likelihood").GetDouble());
        Assert.Equal(["em", "f1"], paired.GetProperty("pair").GetProperty("metrics").EnumerateObject().Select(metric => metric.Name));

        var lines = Encoding.UTF8.GetString(await ExportBytes.OfAsync(store, ExportFormat.Csv, withRun: false, Token)).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.EndsWith(",next_token_kl,pair_metrics,pair_log_likelihood", lines[0], StringComparison.Ordinal);
        Assert.Single(lines[1..], line => line.EndsWith(",\"{\"\"em\"\":1,\"\"f1\"\":0.5}\",-1.25", StringComparison.Ordinal) && line.StartsWith(jobs[1].Id.Value, StringComparison.Ordinal));
        Assert.Single(lines[1..], line => line.EndsWith(",,", StringComparison.Ordinal) && line.StartsWith(jobs[0].Id.Value, StringComparison.Ordinal));
        Assert.Contains("pair_log_likelihood", Encoding.Latin1.GetString(await ExportBytes.OfAsync(store, ExportFormat.Parquet, withRun: false, Token)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ExportFormat.Json)]
    [InlineData(ExportFormat.Csv)]
    [InlineData(ExportFormat.Parquet)]
    public async Task Export_OfADeviceWhosePackingDoesNotMatter_SaysNothingOfPairs(ExportFormat format)
    {
        var store = await home.OpenAsync();
        await Rows.PrepareAsync(store, Token);
        var lease = (await store.TryGrantAsync(Rows.Batch.Id, 0, "a", 30, Token))!;
        await store.RecordAsync(lease, Rows.Micro(Rows.Result(0, 0), Rows.Result(1, 0)), Token);
        Assert.DoesNotContain("pair", Encoding.Latin1.GetString(await ExportBytes.OfAsync(store, format, withRun: false, Token)), StringComparison.Ordinal);
    }

    /// <summary>A program of the schema before this one goes on writing, and what it writes has no pair.</summary>
    [Fact]
    public async Task ItemResults_WrittenWithoutTheColumnsOfPairs_HaveNone()
    {
        var store = await home.OpenAsync();
        await Rows.PrepareAsync(store, Token);
        var lease = (await store.TryGrantAsync(Rows.Batch.Id, 0, "a", 30, Token))!;
        await store.RecordAsync(lease, Rows.Micro(Rows.Result(0, 0) with { Pair = new PairScore() }), Token);
        await home.ExecuteAsync("INSERT INTO item_results (job_key, item_key, prompt_hash, metrics, flags, positions_touched) SELECT j.key, i.key, 'p', '{}', 0, 0 FROM jobs j, items i WHERE NOT EXISTS (SELECT 1 FROM item_results r WHERE r.job_key = j.key)");
        var rows = await store.ReadItemResultsAsync([.. Rows.Jobs.Select(job => job.Id)], Rows.Batch.ItemIds, Token).ToDictionaryAsync(row => row.JobId, cancellationToken: Token);
        Assert.Equal((2, 0), (rows.Count, rows[Rows.Jobs[0].Id].Pair!.Metrics.Count));
        Assert.Null(rows[Rows.Jobs[0].Id].Pair!.LogLikelihood);
        Assert.Null(rows[Rows.Jobs[1].Id].Pair);
    }

    [Fact]
    public async Task Schema_OfThisVersion_IsOneThatTheVersionBeforeWorksOn()
    {
        await home.OpenAsync();
        Assert.Equal("5/2", await home.ExecuteAsync("SELECT version || '/' || oldest_compatible FROM schema_info"));
    }

    [Fact]
    public void ItemText_Encoded_HoldsNoZeroAndComesBack() =>
        Gen.String[Any('\0', '\u0001', '0', '1', 'x'), 0, 12].Sample(id =>
        {
            var stored = ItemText.Encode(id);
            Assert.DoesNotContain('\0', stored);
            Assert.Equal(id, ItemText.Decode(stored));
        });

    private static Gen<T> Any<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(index => values[index]);

    /// <summary>Every member, with what cannot be stored as null, which is how it is meant to come back.</summary>
    private static string Text(ItemResult row) => string.Join('|',
        row.JobId, row.ItemId, row.PromptHash, row.Response is null ? "none" : Convert.ToHexString(row.Response),
        string.Join(',', row.Metrics.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}={pair.Value:R}")),
        Finite(row.LogLikelihood), row.LogLikelihoodTokens, row.GoldLogLikelihoods is null ? "none" : string.Join(',', row.GoldLogLikelihoods.Select(Finite)),
        row.Flags, row.DivergedLayer, row.DivergedStep, row.Receipt.PositionsTouched, Finite(row.Receipt.OnTargetMinimum), Finite(row.Receipt.OnTargetMaximum),
        Finite(row.Receipt.OffTargetDeviation), Finite(row.Receipt.RelativeChange), Finite(row.Receipt.NextTokenKl),
        row.Pair is { } beside ? $"{string.Join(',', beside.Metrics.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}={pair.Value:R}"))} {Finite(beside.LogLikelihood)}" : "none");

    private static string Finite(double? value) => value is { } number && double.IsFinite(number) ? (number + 0.0).ToString("R", null) : "null";
}
