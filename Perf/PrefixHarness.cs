using Sweep.Execution.Prefix;
using Sweep.Models.Checkpoints;
using Sweep.Models.Steering;
using Sweep.Models.Text;

namespace Sweep.Perf;

/// <summary>16 scalars at layer 8 of the mini model in one shared-prefix pass, against 16 separate full runs by the same engine, each at its own best micro-batch size.</summary>
internal static class PrefixHarness
{
    private const int Layer = 8;
    private const int Items = 48;
    private const int NewTokens = 8;
    private static readonly int[] Sizes = [4, 8, 16, 24, 48];

    public static bool Run(bool generate, bool json)
    {
        var root = FindRoot();
        using var checkpoint = CheckpointFolder.Open(Path.Combine(root, "models", "mamba-mini"));
        using var model = checkpoint.LoadModel();
        using var executor = new SteeredExecutor(model);
        var prompts = Prompts(checkpoint.LoadTokenizer(), Path.Combine(root, "benchmarks", "mini", "squad.json"), generate);
        Intervention[][] rows = [.. Enumerable.Range(0, 16).Select(index => (Intervention[])
        [
            new Intervention { Layer = Layer, Site = Site.MixerOutput, Operation = Operation.Scale, Channels = [.. Enumerable.Range(0, 16).Select(i => i * 12)], Scalar = 0.25 * (index + 5) },
        ])];

        RowResult[][] Separate(int size) => [.. rows.Select(row => prompts.Chunk(size).SelectMany(chunk => executor.RunAlone(chunk, row, CancellationToken.None)).ToArray())];
        RowResult[][] Shared(int size)
        {
            var results = rows.Select(_ => new List<RowResult>()).ToArray();
            foreach (var chunk in prompts.Chunk(size))
            {
                var found = executor.Run(new SteeredBatch { Prompts = chunk, Rows = rows }, CancellationToken.None);
                for (var row = 0; row < rows.Length; row++)
                    results[row].AddRange(found[row]);
            }

            return [.. results.Select(list => list.ToArray())];
        }

        var bestSeparate = Comparison.Best(Sizes, size => Separate(size));
        var bestShared = Comparison.Best(Sizes, size => Shared(size));
        RowResult[][] a = [];
        RowResult[][] b = [];
        var (slow, fast) = Comparison.Measure(() => a = Separate(bestSeparate), () => b = Shared(bestShared), rounds: 5);
        var equal = a.Length > 0 && a.Length == b.Length && a.SelectMany(row => row).Zip(b.SelectMany(row => row)).All(pair => Same(pair.First, pair.Second));
        var layers = checkpoint.Config.LayerCount;
        var bound = 16.0 * layers / (Layer + 1 + (16 * (layers - Layer - 1)));
        return Comparison.Report(
            generate ? "generation, 16 scalars at layer 8 of 12, 48 items" : "log-likelihood, 16 scalars at layer 8 of 12, 48 items",
            $"16 separate runs, micro-batch {bestSeparate}", $"shared prefix, micro-batch {bestShared}", slow, fast, generate ? 1 : 2.8, equal,
            new Dictionary<string, double> { ["block-pass bound"] = bound }, json);
    }

    private static bool Same(RowResult a, RowResult b) =>
        a.LogLikelihoods.SequenceEqual(b.LogLikelihoods) && (a.GeneratedTokens ?? []).SequenceEqual(b.GeneratedTokens ?? []);

    private static PromptRequest[] Prompts(TextTokenizer tokenizer, string path, bool generate) =>
        [.. Evaluation.Benchmarks.BenchmarkCatalog.Find("squad").Read(path).Take(Items).Select(item => new PromptRequest
        {
            PromptTokens = tokenizer.Encode(item.Prompt),
            Continuations = generate ? [] : [.. item.Continuations.Select(text => tokenizer.EncodeContinuation(text))],
            Generation = generate ? new GenerationRequest { MaxNewTokens = NewTokens, StopTokens = new HashSet<int>() } : null,
        })];

    internal static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Sweep.sln")))
                return folder.FullName;
        }

        throw new InvalidOperationException("perf: no Sweep.sln above the program");
    }
}
