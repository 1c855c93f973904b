using Sweep.Contracts.Dispatch;
using Sweep.Contracts.Execution;
using Sweep.Contracts.Jobs;
using Sweep.Execution.Devices;
using Sweep.Execution.Prefix;

namespace Sweep.Execution.Running;

/// <summary>How close the choice was at which another engine's generation left this processor's.</summary>
public interface IGenerationMargins
{
    /// <summary>Null: the recorded response does not come out here, or the two are the same.</summary>
    /// <param name="job">A generation of the processor.</param>
    /// <param name="itemId">One of its benchmark.</param>
    /// <param name="recorded">Its response.</param>
    /// <param name="other">What the other engine said.</param>
    /// <param name="cancellationToken">Between tokens and layers.</param>
    /// <exception cref="JobFaultedException">The job cannot be run here.</exception>
    Task<GenerationMargin?> FindAsync(JobSpec job, string itemId, byte[] recorded, byte[] other, CancellationToken cancellationToken);
}

/// <summary>The first token that differs.</summary>
/// <param name="Step">Generated tokens before it.</param>
/// <param name="Nats">Log-probability of the likeliest token there minus that of the next.</param>
public sealed record GenerationMargin(int Step, double Nats);

/// <summary>Generates again on the processor, finds the last token that both responses begin with, and scores the whole vocabulary after it.</summary>
internal sealed class GenerationMargins(DevicePool pool, JobInputs inputs) : IGenerationMargins
{
    private const string Device = "cpu:0";

    public async Task<GenerationMargin?> FindAsync(JobSpec job, string itemId, byte[] recorded, byte[] other, CancellationToken cancellationToken)
    {
        var batch = new JobBatch
        {
            Id = "margin/000000",
            SweepId = "margin",
            Jobs = [job],
            ItemIds = [itemId],
            MicroBatches = [new MicroBatch { FirstItem = 0, ItemCount = 1, FirstJob = 0, JobCount = 1 }],
        };
        var input = inputs.Open(batch, Device);
        var pass = PassPlanner.Plan(batch, batch.MicroBatches[0], new HashSet<(JobId, string)>())[0];
        var worker = pool.Rent(Device);
        try
        {
            return await worker.Thread.InvokeAsync(
                token => Find(worker.Models.Get(input.ModelFolder, input.Facts.WeightsHash, input.Precision).Executor, job, input, pass, recorded, other, token), cancellationToken);
        }
        finally
        {
            await pool.ReturnAsync(worker);
        }
    }

    private static GenerationMargin? Find(ISteeredExecutor executor, JobSpec job, JobInput input, SteeredPass pass, byte[] recorded, byte[] other, CancellationToken cancellationToken)
    {
        var stop = new StopRule(input.Benchmark.Stops, input.Facts.Tokenizer);
        var item = input.Prepare(pass.Items[0], pass);
        var request = JobRunner.Request(item, item.Windows[0], pass, input, stop);
        var interventions = InterventionMapping.ToModel(job.Identity.Interventions);
        RowResult Run(PromptRequest prompt) => executor.Run(new SteeredBatch { Prompts = [prompt], Rows = [interventions] }, cancellationToken)[0][0];
        if (Run(request).GeneratedTokens is not { } tokens || !stop.Cut(tokens).Response.AsSpan().SequenceEqual(recorded) || recorded.AsSpan().SequenceEqual(other))
            return null;
        var step = 0;
        while (step < tokens.Count && other.AsSpan().StartsWith(input.Facts.Tokenizer.DecodeBytes([.. tokens.Take(step + 1)])))
            step++;

        // Continuations that differ in their last token alone are read once.
        int[] before = [.. tokens.Take(step)];
        var scores = Run(request with { Generation = null, Continuations = [.. Enumerable.Range(0, input.Facts.Config.VocabularySize).Select(token => (int[])[.. before, token])] }).LogLikelihoods;
        var best = scores.OfType<double>().OrderDescending().Take(2).ToArray();
        return best.Length == 2 ? new(step, best[0] - best[1]) : null;
    }
}
