using Sweep.Execution.Files;
using Sweep.Execution.Prefix;
using Sweep.Execution.Residency;
using Sweep.Models;
using Sweep.Models.Mamba;
using Sweep.Models.Steering;

namespace Sweep.Execution.Tests.Stubs;

/// <summary>A model folder is a folder with a file "weights", or with safetensors as a hub has them; its content is the model.</summary>
internal sealed class StubLoader : IModelLoader
{
    public StubExecutor Executor { get; private set; } = new();

    public List<string> Loads { get; } = [];

    public Action<StubExecutor> Prepare { get; set; } = _ => { };

    public static MambaConfig Config { get; } = new()
    {
        ModelType = "mamba",
        VocabularySize = 256,
        DModel = 8,
        LayerCount = 6,
        DInner = 16,
        DState = 4,
        DConv = 4,
        DtRank = 2,
        NormEpsilon = 1e-5,
        UseBias = false,
        UseConvBias = true,
        ResidualInFp32 = true,
        TieWordEmbeddings = true,
        EosTokenIds = [0],
    };

    public ModelFacts Inspect(string folder)
    {
        var published = Path.Combine(folder, "model.safetensors");
        var file = File.Exists(published) ? published : Path.Combine(folder, "weights");
        if (!File.Exists(file))
            throw new InvalidCheckpointException($"'{file}' is missing");
        return new ModelFacts
        {
            WeightsHash = ContentHashes.OfText(File.ReadAllText(file)),
            TokenizerHash = "bytes",
            Config = Config,
            Parameters = 1000,
            Tokenizer = new ByteCodec(),
        };
    }

    public IResidentModel Load(string folder, string precision, string device)
    {
        var executor = new StubExecutor();
        Prepare(executor);
        Executor = executor;
        lock (Loads)
            Loads.Add(Path.GetFileName(folder));
        return new StubModel(executor);
    }

    private sealed class StubModel(StubExecutor executor) : IResidentModel
    {
        public ISteeredExecutor Executor => executor;

        public MambaModel Network => throw new NotSupportedException("there is no model behind the stub");

        /// <summary>Channel c of a text is c times the text's length: the highest channels vary most.</summary>
        public IReadOnlyList<TimeMoments> TimeMoments(
            IReadOnlyList<int> tokens, IReadOnlyList<(int Layer, Site Site)> places, CancellationToken cancellationToken) =>
            [.. places.Select(place => Enumerable.Range(0, SteerableSites.Width(place.Site, Config)).Select(channel => (double)channel * tokens.Count).ToArray()).Select(means => new TimeMoments(means, [.. means.Select(mean => mean * mean)]))];

        public void Dispose() => executor.Dispose();
    }
}
