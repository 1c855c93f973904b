using System.Text;
using Microsoft.Extensions.Options;
using Sweep.Contracts.Plans;
using Sweep.Execution.Devices;
using Sweep.Execution.Files;
using Sweep.Execution.Planning;
using Sweep.Models.Identification;
using Sweep.Models.Steering;

namespace Sweep.Execution.Identification;

/// <summary>Patches every layer's sites, and the channels of bottleneck files, in both directions, at all positions and where else it is asked to.</summary>
internal sealed class PatchingStudy(
    ModelResolver models, PlanFiles files, ContentHashes hashes, BottleneckFiles identified, DevicePool pool, IOptions<DeviceOptions> devices) : IPatchingStudy
{
    /// <summary>Places whose activations are held at a time.</summary>
    private const int PlacesAtOnce = 16;

    public Task<PatchingResult> RunAsync(PatchingRequest request, IProgress<IdentifyProgress>? progress, CancellationToken cancellationToken) =>
        Task.Run(() => RunCoreAsync(request, progress, cancellationToken), cancellationToken);

    private async Task<PatchingResult> RunCoreAsync(PatchingRequest request, IProgress<IdentifyProgress>? progress, CancellationToken cancellationToken)
    {
        var problems = new List<string>();
        var opened = models.Open(request.Model, "model", problems);
        var pairs = PromptPair.Read(request.Pairs, files, opened?.Facts.Tokenizer, problems);
        var places = opened is null ? [] : Places(request, opened, problems);
        IReadOnlyList<string> names = pairs.Count == 0 ? [] : PatchedPositions.Names(request.Positions, pairs, problems);
        if (problems.Count > 0)
            throw new InvalidPlanException(problems);

        var shares = new PatchingShares(places.Count, names.Count);
        var worker = pool.Rent(pool.Options.CalibrationDevice);
        try
        {
            foreach (var (index, pair) in pairs.Index())
            {
                var columns = PatchedPositions.Of(request.Positions, pair);
                foreach (var chunk in places.Index().Chunk(PlacesAtOnce))
                {
                    (int Place, int? Column, Patch Patch)[] swaps =
                    [
                        .. chunk.Select(place => (place.Index, (int?)null, place.Item.Patch)),
                        .. chunk.SelectMany(place => PatchedPositions.At(place.Item.Patch, columns).Select(at => (place.Index, (int?)at.Column, at.Patch))),
                    ];
                    var outcome = await worker.Thread.InvokeAsync(
                        token => ActivationPatching.Run(
                            worker.Models.Get(opened!.Folder, opened.Facts.WeightsHash, request.Precision).Network,
                            pair.Clean,
                            pair.Corrupted,
                            pair.Answer,
                            pair.Other,
                            [.. swaps.Select(swap => swap.Patch)],
                            token),
                        cancellationToken);
                    foreach (var (at, swap) in swaps.Index())
                        shares.Add(swap.Place, swap.Column, outcome.Lost[at], outcome.Gained[at]);
                    if (chunk[0].Index == 0)
                        shares.AddPair(outcome.Clean, outcome.Corrupted, columns);
                }

                progress?.Report(new IdentifyProgress("pairs", index + 1, pairs.Count));
            }
        }
        finally
        {
            await pool.ReturnAsync(worker);
        }

        return new PatchingResult
        {
            Model = opened!.Resolved.Name,
            WeightsHash = opened.Facts.WeightsHash,
            Precision = request.Precision,
            NumericsId = Numerics.Of(devices.Value.CalibrationDevice),
            PairsHash = hashes.OfFile(files.FindFile(request.Pairs, out _)!),
            Pairs = pairs.Count,
            Clean = shares.Clean / pairs.Count,
            Corrupted = shares.Corrupted / pairs.Count,
            Rows =
            [
                .. places.Select((place, index) => new PatchingRow
                {
                    Source = place.Source,
                    Layer = place.Patch.Layer,
                    Site = place.Patch.Site.ToString(),
                    Channels = place.Patch.Channels.Count,
                    Necessity = shares.Necessity(index, null),
                    Sufficiency = shares.Sufficiency(index, null),
                }),
            ],
            Positions = names.Count == 0 ? null : [.. names.Select((name, column) => new PatchingPosition { Name = name, Token = Token(request, opened, pairs, column), Pairs = shares.PairsWith(column) })],
            Maps = names.Count == 0 ? null : [.. places.Index().GroupBy(place => (place.Item.Source, place.Item.Patch.Site)).Select(group => Map([.. group], shares, names.Count))],
        };
    }

    private static PatchingMap Map((int Index, PatchedPlace Place)[] places, PatchingShares shares, int columns)
    {
        IReadOnlyList<IReadOnlyList<double?>> Table(Func<int, int, double?> share) => [.. places.Select(place => (IReadOnlyList<double?>)[.. Enumerable.Range(0, columns).Select(column => share(place.Index, column))])];
        return new PatchingMap
        {
            Source = places[0].Place.Source,
            Site = places[0].Place.Patch.Site.ToString(),
            Channels = places[0].Place.Patch.Channels.Count,
            Layers = [.. places.Select(place => place.Place.Patch.Layer)],
            Necessity = Table((place, column) => shares.Necessity(place, column)),
            Sufficiency = Table((place, column) => shares.Sufficiency(place, column)),
        };
    }

    private static string? Token(PatchingRequest request, OpenModel model, IReadOnlyList<PromptPair> pairs, int column) =>
        request.Positions == PatchedPositions.Each ? Encoding.UTF8.GetString(model.Facts.Tokenizer.DecodeBytes([pairs[0].Clean[column]])) : null;

    private List<PatchedPlace> Places(PatchingRequest request, OpenModel model, List<string> problems)
    {
        var config = model.Facts.Config;
        var places = new List<PatchedPlace>();
        foreach (var site in IdentifyChecks.Sites(request.Sites, problems))
        {
            for (var layer = 0; layer < config.LayerCount; layer++)
                places.Add(new(new Patch { Layer = layer, Site = site, Channels = [.. Enumerable.Range(0, SteerableSites.Width(site, config))] }, null));
        }

        foreach (var (index, name) in request.Bottlenecks.Index())
        {
            var (place, before) = ($"bottlenecks[{index}]", problems.Count);
            if (identified.Read(name, place, problems) is not { } file)
                continue;
            BottleneckFiles.Check(file, place, model.Resolved.Name, model.Facts.WeightsHash, problems);
            IdentifyChecks.Place(file, place, config, problems);
            if (problems.Count == before)
                places.Add(new(new Patch { Layer = file.Layer, Site = Enum.Parse<Site>(file.Site), Channels = file.Channels }, name));
        }

        return places;
    }

    /// <param name="Patch">At all positions.</param>
    /// <param name="Source">The bottleneck file; null: a site whole.</param>
    private sealed record PatchedPlace(Patch Patch, string? Source);
}
