using Sweep.Contracts.Plans;
using Sweep.Execution.Devices;
using Sweep.Execution.Files;
using Sweep.Execution.Planning;
using Sweep.Models.Identification;
using Sweep.Models.Steering;

namespace Sweep.Execution.Identification;

/// <summary>Patches every layer's sites, and the channels of bottleneck files, in both directions.</summary>
internal sealed class PatchingStudy(ModelResolver models, PlanFiles files, BottleneckFiles identified, DevicePool pool) : IPatchingStudy
{
    /// <summary>Patches of a pass.</summary>
    private const int PatchesAtOnce = 16;

    public Task<PatchingResult> RunAsync(PatchingRequest request, IProgress<IdentifyProgress>? progress, CancellationToken cancellationToken) =>
        Task.Run(() => RunCoreAsync(request, progress, cancellationToken), cancellationToken);

    private async Task<PatchingResult> RunCoreAsync(PatchingRequest request, IProgress<IdentifyProgress>? progress, CancellationToken cancellationToken)
    {
        var problems = new List<string>();
        var opened = models.Open(request.Model, "model", problems);
        var pairs = PromptPair.Read(request.Pairs, files, opened?.Facts.Tokenizer, problems);
        var patches = opened is null ? [] : Patches(request, opened, problems);
        if (problems.Count > 0)
            throw new InvalidPlanException(problems);

        var (lost, gained) = (new double[patches.Count], new double[patches.Count]);
        double clean = 0, corrupted = 0;
        var worker = pool.Rent(pool.Options.CalibrationDevice);
        try
        {
            foreach (var (index, pair) in pairs.Index())
            {
                foreach (var chunk in patches.Index().Chunk(PatchesAtOnce))
                {
                    var outcome = await worker.Thread.InvokeAsync(
                        token => ActivationPatching.Run(
                            worker.Models.Get(opened!.Folder, opened.Facts.WeightsHash, request.Precision).Network,
                            pair.Clean,
                            pair.Corrupted,
                            pair.Answer,
                            pair.Other,
                            [.. chunk.Select(patch => patch.Item.Patch)],
                            token),
                        cancellationToken);
                    for (var at = 0; at < chunk.Length; at++)
                    {
                        lost[chunk[at].Index] += outcome.Clean - outcome.CleanPatched[at];
                        gained[chunk[at].Index] += outcome.CorruptedPatched[at] - outcome.Corrupted;
                    }

                    if (chunk[0].Index == 0)
                        (clean, corrupted) = (clean + outcome.Clean, corrupted + outcome.Corrupted);
                }

                progress?.Report(new IdentifyProgress("pairs", index + 1, pairs.Count));
            }
        }
        finally
        {
            await pool.ReturnAsync(worker);
        }

        var difference = clean - corrupted;
        return new PatchingResult
        {
            Model = opened!.Resolved.Name,
            WeightsHash = opened.Facts.WeightsHash,
            Pairs = pairs.Count,
            Clean = clean / pairs.Count,
            Corrupted = corrupted / pairs.Count,
            Rows =
            [
                .. patches.Select((patch, index) => new PatchingRow
                {
                    Source = patch.Source,
                    Layer = patch.Patch.Layer,
                    Site = patch.Patch.Site.ToString(),
                    Channels = patch.Patch.Channels.Count,
                    Necessity = difference == 0 ? null : lost[index] / difference,
                    Sufficiency = difference == 0 ? null : gained[index] / difference,
                }),
            ],
        };
    }

    private List<(Patch Patch, string? Source)> Patches(PatchingRequest request, OpenModel model, List<string> problems)
    {
        var config = model.Facts.Config;
        var patches = new List<(Patch, string?)>();
        foreach (var site in IdentifyChecks.Sites(request.Sites, problems))
        {
            for (var layer = 0; layer < config.LayerCount; layer++)
                patches.Add((new Patch { Layer = layer, Site = site, Channels = [.. Enumerable.Range(0, SteerableSites.Width(site, config))] }, null));
        }

        foreach (var (index, name) in request.Bottlenecks.Index())
        {
            var (place, before) = ($"bottlenecks[{index}]", problems.Count);
            if (identified.Read(name, place, problems) is not { } file)
                continue;
            BottleneckFiles.Check(file, place, model.Resolved.Name, model.Facts.WeightsHash, problems);
            IdentifyChecks.Place(file, place, config, problems);
            if (problems.Count == before)
                patches.Add((new Patch { Layer = file.Layer, Site = Enum.Parse<Site>(file.Site), Channels = file.Channels }, name));
        }

        return patches;
    }
}
