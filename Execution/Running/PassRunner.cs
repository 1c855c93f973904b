using System.Diagnostics;
using Sweep.Contracts.Execution;
using Sweep.Execution.Prefix;
using Sweep.Models.Architectures;
using Sweep.Models.Steering;

namespace Sweep.Execution.Running;

/// <summary>What a pass answered, each as [row][prompt].</summary>
/// <param name="Rows">The rows as they were given; one more, the last, is the identity.</param>
/// <param name="Beside">The identity that ran in the same piece as each row.</param>
internal sealed record PassAnswers(IReadOnlyList<RowResult[]> Rows, IReadOnlyList<RowResult[]> Beside);

/// <summary>Runs prompts × rows in pieces that fit into memory; on CPU a row's result does not depend on the pieces.</summary>
internal sealed class PassRunner(MemoryBudget budget)
{
    public PassAnswers Run(
        ISteeredExecutor executor,
        string weightsHash,
        ModelConfig config,
        IReadOnlyList<PromptRequest> prompts,
        IReadOnlyList<IReadOnlyList<Intervention>> rows,
        Stopwatch deviceTime,
        CancellationToken cancellationToken)
    {
        var results = Enumerable.Range(0, rows.Count + 1).Select(_ => new RowResult[prompts.Count]).ToArray();
        var beside = rows.Select(_ => new RowResult[prompts.Count]).ToArray();
        var pieces = new Stack<Piece>();
        pieces.Push(new Piece(0, prompts.Count, 0, rows.Count));
        while (pieces.TryPop(out var piece))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var part = prompts.Skip(piece.FirstPrompt).Take(piece.Prompts).ToArray();
            var length = part.Max(Length);
            var estimate = MemoryBudget.Estimate(config, piece.Rows, part.Length, part.Sum(prompt => (long)Length(prompt)), part.Sum(Scored), executor.ActivationBytes);
            if (estimate > budget.Limit(weightsHash, length) && piece.CanSplit)
            {
                Split(piece, pieces);
                continue;
            }

            IReadOnlyList<IReadOnlyList<RowResult>> answers;
            var before = budget.Before(weightsHash);
            deviceTime.Start();
            try
            {
                answers = executor.Run(
                    new SteeredBatch { Prompts = part, Rows = [.. rows.Skip(piece.FirstRow).Take(piece.Rows)] }, cancellationToken);
            }
            catch (Exception failure) when (OutOfMemory.Is(failure))
            {
                executor.ReleaseCaches();
                budget.Failed(weightsHash, length, estimate);
                if (!piece.CanSplit)
                    throw new JobFaultedException($"one prompt of {length} tokens does not fit into the device's memory: {failure.Message}");
                Split(piece, pieces);
                continue;
            }
            finally
            {
                deviceTime.Stop();
            }

            budget.After(weightsHash, length, estimate, before);
            for (var row = 0; row <= piece.Rows; row++)
            {
                var target = row == piece.Rows ? rows.Count : piece.FirstRow + row;
                for (var prompt = 0; prompt < piece.Prompts; prompt++)
                {
                    results[target][piece.FirstPrompt + prompt] = answers[row][prompt];
                    if (row < piece.Rows)
                        beside[target][piece.FirstPrompt + prompt] = answers[piece.Rows][prompt];
                }
            }
        }

        return new PassAnswers(results, beside);
    }

    private static int Length(PromptRequest prompt) =>
        prompt.PromptTokens.Count + Math.Max(prompt.Continuations.Sum(tokens => tokens.Count), prompt.Generation?.MaxNewTokens ?? 0);

    private static long Scored(PromptRequest prompt) =>
        prompt.Continuations.Sum(tokens => (long)tokens.Count) + (prompt.ScorePrompt ? prompt.PromptTokens.Count - prompt.FirstScored + 1 : 1);

    private static void Split(Piece piece, Stack<Piece> pieces)
    {
        var (first, second) = piece.Halves();
        pieces.Push(second);
        pieces.Push(first);
    }

    private sealed record Piece(int FirstPrompt, int Prompts, int FirstRow, int Rows)
    {
        public bool CanSplit => Prompts > 1 || Rows > 1;

        /// <summary>Items first: every half of the rows would repeat the shared layers.</summary>
        public (Piece First, Piece Second) Halves()
        {
            if (Prompts > 1)
            {
                var half = Prompts / 2;
                return (this with { Prompts = half }, this with { FirstPrompt = FirstPrompt + half, Prompts = Prompts - half });
            }

            var rows = Rows / 2;
            return (this with { Rows = rows }, this with { FirstRow = FirstRow + rows, Rows = Rows - rows });
        }
    }
}
