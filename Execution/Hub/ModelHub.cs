using System.Globalization;
using Sweep.Contracts.Plans;

namespace Sweep.Execution.Hub;

/// <summary>A hub and the cache of what was fetched from it.</summary>
public sealed class ModelHub : IDisposable
{
    private readonly HubOptions _options;
    private readonly HttpClient _client;
    private readonly HubConnection _hub;
    private readonly TimeProvider _time;

    /// <param name="options">Which hub, which cache.</param>
    /// <param name="token">For models that are not public; null: none.</param>
    /// <param name="time">For pauses and time stamps.</param>
    public ModelHub(HubOptions options, string? token, TimeProvider time)
    {
        (_options, _time) = (options, time);
        _client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = TimeSpan.FromSeconds(30) }) { Timeout = Timeout.InfiniteTimeSpan };
        _client.DefaultRequestHeaders.UserAgent.ParseAdd("sweep");
        _hub = new HubConnection(_client, options, string.IsNullOrWhiteSpace(token) ? null : token.Trim(), time);
        Cache = new ModelCache(options.Cache);
    }

    public ModelCache Cache { get; }

    /// <summary>Asks what the model's revision is now and which of its files are to be fetched.</summary>
    /// <exception cref="HubFailedException">There is none that could be loaded, or the hub cannot be reached.</exception>
    public async Task<PullPlan> PrepareAsync(HubModel model, CancellationToken cancellationToken)
    {
        var listing = await _hub.ListAsync(model, cancellationToken);
        var place = $"{_hub.Endpoint}: {model}";
        var (wanted, leftOut) = HubSelection.Of(listing, place);
        var bytes = wanted.Sum(file => (decimal)file.Bytes);
        if (bytes > _options.MostBytes)
            throw new HubFailedException(place, string.Create(CultureInfo.InvariantCulture, $"{bytes} bytes"), $"at most the {_options.MostBytes} of {HubOptions.Key}:{nameof(HubOptions.MostBytes)}");
        var missing = Cache.Find(model with { Revision = listing.Commit }) is null ? wanted.Sum(MissingBytes) : 0;
        return new PullPlan { Model = model, Commit = listing.Commit, Files = wanted, LeftOut = leftOut, MissingBytes = missing };
    }

    /// <summary>Fetches what is missing of a model. Cancelled or failed, it leaves what came, and another call goes on with it.</summary>
    /// <exception cref="HubFailedException">A file cannot be had or is not what was listed, or there is no room for it.</exception>
    public async Task<CachedModel> PullAsync(PullPlan plan, IProgress<PullProgress>? progress, CancellationToken cancellationToken)
    {
        try
        {
            return await FetchAsync(plan, progress, cancellationToken);
        }
        catch (Exception failure) when (failure is UnauthorizedAccessException or IOException)
        {
            throw new HubFailedException(Cache.Root, failure.Message.TrimEnd('.'), "a folder that can be written");
        }
    }

    public void Dispose() => _client.Dispose();

    private async Task<CachedModel> FetchAsync(PullPlan plan, IProgress<PullProgress>? progress, CancellationToken cancellationToken)
    {
        var pinned = plan.Model with { Revision = plan.Commit };
        using var shared = await Cache.ShareAsync(_time, cancellationToken);
        if (Cache.Find(pinned) is { } whole)
        {
            if (!plan.Model.IsPinned)
                Cache.WriteRef(plan.Model, plan.Commit);
            return whole;
        }

        RequireRoom(plan);
        var meter = new PullMeter(plan.Bytes, progress);
        var hashes = new string[plan.Files.Count];
        await Parallel.ForEachAsync(
            plan.Files.Index(),
            new ParallelOptions { MaxDegreeOfParallelism = _options.Parallel, CancellationToken = cancellationToken },
            async (file, token) => hashes[file.Index] = await new BlobDownload(_hub, Cache, _time).FetchAsync(pinned, file.Item, meter.Of(file.Index), token));
        var files = plan.Files.Zip(hashes, (file, hash) => new HubFileHash { Name = file.Name, Bytes = file.Bytes, Sha256 = hash });
        var provenance = new HubProvenance { Endpoint = _hub.Endpoint, Repository = plan.Model.Repository, Revision = plan.Model.Revision, Commit = plan.Commit, Files = [.. files] };
        return Cache.Add(provenance, _time.GetUtcNow());
    }

    private long MissingBytes(HubFile file) => Cache.FindBlob(file) is null ? file.Bytes - Cache.PartBytes(file) : 0;

    private void RequireRoom(PullPlan plan)
    {
        var free = new DriveInfo(Cache.Root).AvailableFreeSpace;
        if (free < plan.MissingBytes)
            throw new HubFailedException(Cache.Root, $"{free} bytes free", $"{plan.MissingBytes} for {plan.Model}");
    }
}

/// <summary>What is to be fetched of a model.</summary>
public sealed record PullPlan
{
    public required HubModel Model { get; init; }

    /// <summary>What its revision is now.</summary>
    public required string Commit { get; init; }

    public required IReadOnlyList<HubFile> Files { get; init; }

    /// <summary>Files of the repository that are not fetched.</summary>
    public required IReadOnlyList<HubFile> LeftOut { get; init; }

    /// <summary>What is not here yet.</summary>
    public required long MissingBytes { get; init; }

    public long Bytes => Files.Sum(file => file.Bytes);
}

/// <summary>How far a pull is.</summary>
public readonly record struct PullProgress(long Done, long Total);
