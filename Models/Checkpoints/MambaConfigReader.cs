using System.Text.Json;
using Sweep.Models.Mamba;

namespace Sweep.Models.Checkpoints;

/// <summary>config.json of a Mamba-1 folder → <see cref="MambaConfig"/>; all problems in one message.</summary>
internal static class MambaConfigReader
{
    private const int MaxBytes = 1 << 20;

    public static MambaConfig Read(string path)
    {
        if (!File.Exists(path))
            throw new InvalidCheckpointException($"{path}: found no file, expected the config.json of a Hugging Face model folder");
        if (new FileInfo(path).Length > MaxBytes)
            throw new InvalidCheckpointException($"{path}: found {new FileInfo(path).Length} bytes, expected at most {MaxBytes}");
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(File.ReadAllBytes(path), new JsonDocumentOptions { MaxDepth = 32 });
        }
        catch (JsonException exception)
        {
            throw new InvalidCheckpointException($"{path}: found no valid JSON ({exception.Message}), expected a model's configuration", exception);
        }

        using (document)
        {
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw new InvalidCheckpointException($"{path}: found {document.RootElement.ValueKind}, expected an object");
            return new Fields(path, document.RootElement).ToConfig();
        }
    }

    private sealed class Fields(string path, JsonElement root)
    {
        private readonly List<string> _problems = [];

        public MambaConfig ToConfig()
        {
            var type = Text("model_type") ?? "";
            if (type != "mamba")
                throw new InvalidCheckpointException($"{path}: model_type: found '{type}', expected one of: mamba");
            var d = Number("hidden_size", 1, 65_536);
            var activation = Text("hidden_act") ?? "silu";
            if (activation != "silu")
                _problems.Add($"hidden_act: found '{activation}', expected 'silu'");
            var expand = Has("intermediate_size") ? 0 : Number("expand", 1, 64, 2);
            var config = new MambaConfig
            {
                ModelType = type,
                VocabularySize = Number("vocab_size", 1, 4_194_304),
                DModel = d,
                LayerCount = Number("num_hidden_layers", 1, 1024),
                DInner = Has("intermediate_size") ? Number("intermediate_size", 1, 262_144) : expand * d,
                DState = Number("state_size", 1, 1024, 16),
                DConv = Number("conv_kernel", 1, 64, 4),
                DtRank = Text("time_step_rank") == "auto" || !Has("time_step_rank") ? (d + 15) / 16 : Number("time_step_rank", 1, 65_536),
                NormEpsilon = Epsilon(),
                UseBias = Flag("use_bias", false),
                UseConvBias = Flag("use_conv_bias", true),
                ResidualInFp32 = Flag("residual_in_fp32", true),
                TieWordEmbeddings = Flag("tie_word_embeddings", true),
                EosTokenIds = Tokens("eos_token_id"),
                TorchDtype = Text("torch_dtype") ?? Text("dtype"),
            };
            if (_problems.Count > 0)
                throw new InvalidCheckpointException($"{path}: {string.Join("; ", _problems)}");
            return config;
        }

        private bool Has(string name) => root.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null;

        private string? Text(string name) => root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

        private int Number(string name, int least, int most, int? fallback = null)
        {
            if (!Has(name))
            {
                if (fallback is null)
                    _problems.Add($"{name}: found nothing, expected a whole number");
                return fallback ?? least;
            }

            var value = root.GetProperty(name);
            if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= least && number <= most)
                return number;
            _problems.Add($"{name}: found {Raw(value)}, expected a whole number from {least} to {most}");
            return least;
        }

        private double Epsilon()
        {
            if (!Has("layer_norm_epsilon"))
                return 1e-5;
            var value = root.GetProperty("layer_norm_epsilon");
            if (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && number is > 0 and < 1)
                return number;
            _problems.Add($"layer_norm_epsilon: found {Raw(value)}, expected a number between 0 and 1");
            return 1e-5;
        }

        private bool Flag(string name, bool fallback)
        {
            if (!Has(name))
                return fallback;
            var value = root.GetProperty(name);
            if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
                return value.GetBoolean();
            _problems.Add($"{name}: found {Raw(value)}, expected true or false");
            return fallback;
        }

        private int[] Tokens(string name)
        {
            if (!Has(name))
                return [];
            var value = root.GetProperty(name);
            var elements = value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().ToArray() : [value];
            var tokens = new List<int>();
            foreach (var element in elements)
            {
                if (element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out var token) && token >= 0)
                    tokens.Add(token);
                else
                    _problems.Add($"{name}: found {Raw(element)}, expected a token id or a list of them");
            }

            return [.. tokens];
        }

        private static string Raw(JsonElement value)
        {
            var text = value.GetRawText();
            return text.Length > 60 ? text[..60] + "…" : text;
        }
    }
}
