using Sweep.Execution.Calibration;
using Sweep.Execution.Devices;
using Sweep.Models.Identification;
using Sweep.Models.Kernels;
using Sweep.Models.Mamba;
using Sweep.Models.Steering;
using TorchSharp;

namespace Sweep.Execution.Identification;

/// <summary>Trains a sparse autoencoder at each place on every other document, and holds it against the others.</summary>
internal sealed class AutoencoderStudy(DevicePool pool)
{
    /// <summary>Positions of each half; what lies beyond is not read.</summary>
    private const int MostPositions = 4096;

    /// <summary>Features that are told, and channels of each.</summary>
    private const int Told = 8;

    public async Task<IReadOnlyList<AutoencoderReport>> RunAsync(
        CalibratedModel model, IReadOnlyList<int[]> documents, IReadOnlyList<(int Layer, Site Site)> places, int features, ulong seed, Action<int> done, CancellationToken cancellationToken)
    {
        using var even = await ReadAsync(model, documents.Where((_, index) => index % 2 == 0), places, cancellationToken);
        using var odd = await ReadAsync(model, documents.Where((_, index) => index % 2 == 1), places, cancellationToken);
        var reports = new List<AutoencoderReport>();
        foreach (var place in places)
        {
            reports.Add(Report(place, even, odd, new AutoencoderSettings { Features = features, Seed = seed }, cancellationToken));
            done(reports.Count);
        }

        return reports;
    }

    private static AutoencoderReport Report((int Layer, Site Site) place, Activations even, Activations odd, AutoencoderSettings settings, CancellationToken cancellationToken)
    {
        using var scope = torch.NewDisposeScope();
        var (training, heldOut) = (even.Of(place), odd.Of(place));
        var trained = SparseAutoencoder.Train(training, heldOut, settings, cancellationToken);
        return new AutoencoderReport
        {
            Layer = place.Layer,
            Site = place.Site.ToString(),
            Features = settings.Features,
            TrainingPositions = (int)training.shape[0],
            HeldOutPositions = (int)heldOut.shape[0],
            ExplainedVariance = trained.ExplainedVariance,
            ActiveShare = trained.ActiveShare,
            Most = [.. trained.Use.Index().OrderByDescending(use => use.Item).Take(Told).Select(use => Feature(use.Item, trained.Decoder[use.Index]))],
        };
    }

    private static AutoencoderFeature Feature(double use, float[] written)
    {
        int[] channels = [.. Enumerable.Range(0, written.Length).OrderByDescending(channel => Math.Abs(written[channel])).ThenBy(channel => channel).Take(Told)];
        return new AutoencoderFeature { Use = use, Channels = channels, Weights = [.. channels.Select(channel => (double)written[channel])] };
    }

    private async Task<Activations> ReadAsync(CalibratedModel model, IEnumerable<int[]> documents, IReadOnlyList<(int Layer, Site Site)> places, CancellationToken cancellationToken)
    {
        var activations = new Activations();
        var worker = pool.Rent(pool.Options.CalibrationDevice);
        try
        {
            foreach (var tokens in documents.TakeWhile(_ => activations.Positions < MostPositions))
            {
                await worker.Thread.InvokeAsync(
                    token =>
                    {
                        activations.Read(worker.Models.Get(model.Folder, model.Facts.WeightsHash, model.Precision).Network, tokens, places, token);
                        return true;
                    },
                    cancellationToken);
            }

            return activations;
        }
        catch
        {
            activations.Dispose();
            throw;
        }
        finally
        {
            await pool.ReturnAsync(worker);
        }
    }

    /// <summary>Activations of many texts at some places, on the CPU.</summary>
    private sealed class Activations : IDisposable
    {
        private readonly Dictionary<(int Layer, Site Site), List<torch.Tensor>> _rows = [];

        public int Positions { get; private set; }

        /// <summary>[positions, width].</summary>
        public torch.Tensor Of((int Layer, Site Site) place) => torch.cat(_rows[place], 0);

        public void Read(MambaModel model, IReadOnlyList<int> tokens, IReadOnlyList<(int Layer, Site Site)> places, CancellationToken cancellationToken)
        {
            using var scope = torch.NewDisposeScope();
            using var recorder = new ActivationRecorder(places);
            var pass = new Pass(TokenSpans.Full(1, tokens.Count), null, null, recorder);
            using var state = model.NewState(pass);
            model.RunLayers(torch.tensor([.. tokens.Select(token => (long)token)], [1, tokens.Count]), state, pass, cancellationToken);
            foreach (var place in places)
            {
                if (!_rows.TryGetValue(place, out var rows))
                    _rows[place] = rows = [];
                rows.Add(recorder[place.Layer, place.Site][0].to(torch.float32).cpu().clone().DetachFromDisposeScope());
            }

            Positions += tokens.Count;
        }

        public void Dispose()
        {
            foreach (var tensor in _rows.Values.SelectMany(rows => rows))
                tensor.Dispose();
        }
    }
}
