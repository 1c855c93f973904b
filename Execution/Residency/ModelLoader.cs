using System.Collections.Concurrent;
using Sweep.Contracts.Execution;
using Sweep.Execution.Devices;
using Sweep.Execution.Prefix;
using Sweep.Models.Checkpoints;
using Sweep.Models.Kernels;
using Sweep.Models.Mamba;
using Sweep.Models.Steering;
using Sweep.Models.Text;
using TorchSharp;

namespace Sweep.Execution.Residency;

/// <summary>Model folders through Sweep.Models. Facts are kept by path and time stamps of the files, because hashing weights reads them all.</summary>
internal sealed class ModelLoader : IModelLoader
{
    private readonly ConcurrentDictionary<(string Folder, string Stamp), ModelFacts> _facts = new();

    public ModelFacts Inspect(string folder)
    {
        var stamp = string.Join('|', Directory.Exists(folder)
            ? new DirectoryInfo(folder).EnumerateFiles().OrderBy(file => file.Name, StringComparer.Ordinal).Select(file => $"{file.Name} {file.Length} {file.LastWriteTimeUtc.Ticks}")
            : []);
        return _facts.GetOrAdd((folder, stamp), _ =>
        {
            using var checkpoint = CheckpointFolder.Open(folder);
            var tokenizer = checkpoint.LoadTokenizer();
            return new ModelFacts
            {
                WeightsHash = checkpoint.WeightsHash,
                TokenizerHash = checkpoint.TokenizerHash!,
                Config = checkpoint.Config,
                Parameters = checkpoint.ParameterCount,
                Tokenizer = new TokenCodec(tokenizer),
            };
        });
    }

    public IResidentModel Load(string folder, string precision, string device)
    {
        var place = TorchDevice.Find(device, out var problem) ?? throw new JobFaultedException(problem!);
        if (ModelPrecision.Problem(precision, device) is { } unfit)
            throw new JobFaultedException(unfit);
        using var checkpoint = CheckpointFolder.Open(folder);
        return new ResidentModel(checkpoint.LoadModel(ModelPrecision.Storage(precision), place, precision == ModelPrecision.Tf32));
    }

    private sealed class TokenCodec(TextTokenizer tokenizer) : ITokenCodec
    {
        public IReadOnlyList<int> Encode(string text) => tokenizer.EncodePrompt(text);

        public IReadOnlyList<int> EncodeContinuation(string text) => tokenizer.EncodeContinuation(text);

        public byte[] DecodeBytes(IReadOnlyList<int> tokens) => tokenizer.DecodeBytes(tokens, skipSpecial: true);
    }

    private sealed class ResidentModel(MambaModel model) : IResidentModel
    {
        public ISteeredExecutor Executor { get; } = new SteeredExecutor(model);

        public MambaModel Network => model;

        public IReadOnlyList<TimeMoments> TimeMoments(IReadOnlyList<int> tokens, IReadOnlyList<(int Layer, Site Site)> places, CancellationToken cancellationToken)
        {
            using var scope = torch.NewDisposeScope();
            using var recorder = new ActivationRecorder(places);
            var input = torch.tensor([.. tokens.Select(token => (long)token)], [1, tokens.Count]);
            var pass = new Pass(TokenSpans.Full(1, tokens.Count), null, null, recorder);
            using var state = model.NewState(pass);
            model.RunLayers(input, state, pass, cancellationToken);
            return [.. places.Select(place => OverPositions(recorder[place.Layer, place.Site]))];
        }

        public void Dispose()
        {
            Executor.Dispose();
            model.Dispose();
        }

        /// <summary>[1, L, C] → [C], position after position in double precision.</summary>
        private static TimeMoments OverPositions(torch.Tensor activation)
        {
            using var scope = torch.NewDisposeScope();
            var values = activation.to(torch.float32).cpu().contiguous();
            var (length, width) = ((int)values.shape[1], (int)values.shape[2]);
            var flat = values.data<float>().ToArray();
            var (means, squares) = (new double[width], new double[width]);
            for (var position = 0; position < length; position++)
            {
                for (var channel = 0; channel < width; channel++)
                {
                    double value = flat[(position * width) + channel];
                    means[channel] += value;
                    squares[channel] += value * value;
                }
            }

            for (var channel = 0; channel < width; channel++)
            {
                means[channel] /= length;
                squares[channel] /= length;
            }

            return new TimeMoments(means, squares);
        }
    }
}
