using Sweep.Contracts.Plans;
using Sweep.Execution.Calibration;
using Sweep.Execution.Devices;
using Sweep.Models.Identification;
using Sweep.Models.Steering;

namespace Sweep.Execution.Identification;

/// <summary>Has the model read every document of a calibration text, and keeps sums.</summary>
internal sealed class TextReading(DevicePool pool)
{
    /// <param name="done">Called with the number of documents after each.</param>
    public async Task<TextDiagnostics> ReadAsync(
        CalibratedModel model, IReadOnlyList<int[]> documents, IEnumerable<(int Layer, Site Site)> places, Action<int> done, CancellationToken cancellationToken)
    {
        var worker = pool.Rent(pool.Options.CalibrationDevice);
        try
        {
            using var statistics = new TextStatistics(model.Facts.Config, places, documents.Sum(tokens => (long)tokens.Length));
            foreach (var (index, tokens) in documents.Index())
            {
                await worker.Thread.InvokeAsync(
                    token =>
                    {
                        statistics.Read(worker.Models.Get(model.Folder, model.Facts.WeightsHash, model.Precision).Network, tokens, token);
                        return true;
                    },
                    cancellationToken);
                done(index + 1);
            }

            return await worker.Thread.InvokeAsync(_ => statistics.Result(), cancellationToken);
        }
        finally
        {
            await pool.ReturnAsync(worker);
        }
    }

    /// <summary>Each document as tokens, cut; those without any are left out.</summary>
    /// <exception cref="InvalidPlanException">None is left.</exception>
    public static IReadOnlyList<int[]> Tokens(CalibrationText text, CalibrationPlan plan, CalibratedModel model)
    {
        var documents = text.Documents.Select(document => model.Facts.Tokenizer.Encode(document.Text).Take(plan.MaxTokens).ToArray()).Where(tokens => tokens.Length > 0).ToArray();
        return documents.Length > 0 ? documents : throw new InvalidPlanException($"texts: '{plan.Data}' has no document with any token");
    }
}
