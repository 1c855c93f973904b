using Sweep.Execution.Prefix;
using Sweep.Models.Steering;

namespace Sweep.Execution.Tests.Stubs;

/// <summary>Answers that depend on the prompt and the row's interventions alone, as a real model's do.</summary>
internal sealed class StubExecutor : ISteeredExecutor
{
    /// <summary>Rows × prompts of every pass that was asked for.</summary>
    public List<(int Prompts, int Rows)> Passes { get; } = [];

    public List<SteeredBatch> Batches { get; } = [];

    /// <summary>Passes of more rows × prompts fail like libtorch without memory.</summary>
    public int Capacity { get; set; } = int.MaxValue;

    public Func<Intervention, bool> Diverges { get; set; } = _ => false;

    /// <summary>Bytes that a generation gives; default: a word that depends on the row.</summary>
    public Func<IReadOnlyList<Intervention>, IReadOnlyList<int>, string>? Answer { get; set; }

    /// <summary>What a pass adds to every log-likelihood that it gives, as devices do whose packing matters; default: nothing.</summary>
    public Func<SteeredBatch, double> Noise { get; set; } = _ => 0;

    public bool IsDisposed { get; private set; }

    /// <summary>How often what it keeps was asked back.</summary>
    public int Releases { get; private set; }

    public IReadOnlyList<IReadOnlyList<RowResult>> Run(SteeredBatch batch, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        Passes.Add((batch.Prompts.Count, batch.Rows.Count));
        if (batch.Prompts.Count * (batch.Rows.Count + 1) > Capacity)
            throw new InvalidOperationException("[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory: you tried to allocate 1 bytes.");
        Batches.Add(batch);
        return [.. batch.Rows.Append([]).Select(row => batch.Prompts.Select(prompt => Run(prompt, row, Noise(batch))).ToArray())];
    }

    public void ReleaseCaches() => Releases++;

    public void Dispose() => IsDisposed = true;

    private RowResult Run(PromptRequest prompt, IReadOnlyList<Intervention> row, double noise)
    {
        var diverged = row.Any(Diverges);
        var seed = row.Aggregate(17.0, (sum, one) => (sum * 31) + one.Layer + one.Scalar + one.Channels.Sum());
        var base_ = prompt.PromptTokens.Index().Sum(pair => pair.Item * (pair.Index + 1.0));
        IReadOnlyList<int>? generated = null;
        var truncated = false;
        if (prompt.Generation is { } generation && !diverged)
        {
            var answer = Answer?.Invoke(row, prompt.PromptTokens) ?? $" w{seed % 97:0}\n and more";
            var tokens = new List<int>();
            foreach (var token in new ByteCodec().Encode(answer))
            {
                if (tokens.Count == generation.MaxNewTokens)
                {
                    truncated = true;
                    break;
                }

                if (generation.StopTokens.Contains(token))
                    break;
                tokens.Add(token);
                if (generation.IsFinished?.Invoke(tokens) == true)
                    break;
            }

            generated = tokens;
        }

        return new RowResult
        {
            LogLikelihoods = [.. prompt.Continuations.Select((continuation, index) =>
                diverged ? (double?)null : noise - ((base_ * 0.001) + (seed * 0.01 % 3) + continuation.Sum(token => token * 0.002) + index))],
            PromptLogLikelihood = prompt.ScorePrompt && !diverged ? -base_ * 0.01 : null,
            GeneratedTokens = generated,
            GenerationTruncated = truncated,
            Diverged = diverged ? new Divergence(row[0].Layer, 3) : null,
            Receipt = new InterventionReceipt
            {
                PositionsTouched = row.Count * prompt.PromptTokens.Count,
                ContinuationPositionsTouched = row.Count * prompt.Continuations.Sum(tokens => tokens.Count),
                GeneratedPositionsTouched = row.Count * (generated?.Count ?? 0),
                OnTargetMinimum = row.Count == 0 ? null : Math.Abs(row[0].Scalar),
                OnTargetMaximum = row.Count == 0 ? null : Math.Abs(row[0].Scalar),
                OffTargetDeviation = row.Count == 0 ? null : 0,
            },
        };
    }
}
