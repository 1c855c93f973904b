using CsCheck;
using Sweep.Execution.Prefix;
using Sweep.Models.Checkpoints;
using Sweep.Models.Steering;
using Sweep.Models.Tests.Cuda;
using Sweep.Tests;
using static TorchSharp.torch;

namespace Sweep.Execution.Tests.MiniModel;

/// <summary>A trained model's widths and lengths, where matrix products are cut into blocks and spread over threads.</summary>
public sealed class PackingTests : IDisposable
{
    private readonly int _threads = get_num_threads();

    public void Dispose() => set_num_threads(_threads);

    [Theory]
    [InlineData(ScalarType.Float32, 4)]
    [InlineData(ScalarType.BFloat16, 2)]
    [InlineData(ScalarType.Float16, 2)]
    public void Run_LongPromptsAndManyRows_EachEqualsItselfAloneBitForBit(ScalarType dtype, int batches)
    {
        TestDevice.RequireOwnLibTorch();
        using var checkpoint = CheckpointFolder.Open(Fixtures.Shipped("models", "mamba-mini"));
        using var executor = new SteeredExecutor(checkpoint.LoadModel(dtype, CPU), ownsModel: true);
        Gen.Select(GenPrompt.Array[2, 4], GenRow.Array[4, 9], Gen.Int[0, 1000], Gen.OneOf(Gen.Const(1), Gen.Const(2), Gen.Const(4))).Sample(
            (prompts, rows, pick, threads) =>
            {
                set_num_threads(threads);
                var together = Run(executor, prompts, rows);
                var (prompt, row) = (pick % prompts.Length, pick % rows.Length);
                foreach (var alone in new[] { 1, 2, 4 })
                {
                    set_num_threads(alone);
                    AssertSame(together[row][prompt], Run(executor, [prompts[prompt]], [rows[row]])[0][0]);
                }
            },
            iter: batches,
            threads: 1);
    }

    private static Gen<PromptRequest> GenPrompt =>
        Gen.Select(Gen.Int[1, 1023].Array[1, 130], Gen.Int[1, 1023].Array[1, 8].Array[1, 3], Gen.Int[0, 4]).Select((prompt, continuations, newTokens) => new PromptRequest
        {
            PromptTokens = prompt,
            Continuations = continuations,
            ScorePrompt = true,
            Generation = new() { MaxNewTokens = newTokens, StopTokens = new HashSet<int> { 0 } },
        });

    private static Gen<Intervention[]> GenRow =>
        Gen.Select(Gen.Int[0, 11], Gen.Int[0, SteerableSites.All.Count - 1], Gen.Enum<PositionScope>(), Gen.Double[-1, 4]).Select((layer, site, positions, scalar) => new Intervention
        {
            Layer = layer,
            Site = SteerableSites.All[site],
            Operation = Operation.Scale,
            Channels = [3, 17, 95, 150],
            Positions = positions,
            Scalar = scalar,
        }).Array[0, 2];

    private static void AssertSame(RowResult a, RowResult b)
    {
        Assert.Equal(a.LogLikelihoods, b.LogLikelihoods);
        Assert.Equal(a.PromptLogLikelihood, b.PromptLogLikelihood);
        Assert.Equal(a.GeneratedTokens, b.GeneratedTokens);
        Assert.Equal(a.Receipt, b.Receipt);
    }

    private static IReadOnlyList<IReadOnlyList<RowResult>> Run(SteeredExecutor executor, PromptRequest[] prompts, Intervention[][] rows) =>
        executor.Run(new() { Prompts = prompts, Rows = rows }, TestContext.Current.CancellationToken);
}
