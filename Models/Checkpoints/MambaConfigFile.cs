using System.Text.Json;
using Sweep.Models.Mamba;

namespace Sweep.Models.Checkpoints;

/// <summary>
/// Reads config.json into a <see cref="MambaConfig"/>. Absent fields with one sensible value take transformers' defaults; sizes that name the
/// model are required. hidden_size and intermediate_size win over d_model, d_inner and expand, which some published files carry stale.
/// </summary>
internal sealed class MambaConfigFile
{
    private const long MaxBytes = 1_000_000;
    private const int MaxSize = 1 << 20;

    private static readonly string[] Supported = ["mamba"];
    private static readonly string[] Required = ["vocab_size", "hidden_size", "num_hidden_layers", "state_size", "conv_kernel"];

    private readonly JsonElement _root;
    private readonly ProblemList _problems = new();

    private MambaConfigFile(JsonElement root)
    {
        _root = root;
    }

    /// <exception cref="InvalidCheckpointException">One error that names every field that is missing or out of range.</exception>
    public static MambaConfig Read(string path)
    {
        using var document = JsonFile.Read(path, MaxBytes, JsonValueKind.Object);
        return new MambaConfigFile(document.RootElement).Read(document.RootElement, path);
    }

    private MambaConfig Read(JsonElement root, string path)
    {
        var type = root.TryGetProperty("model_type", out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : null;
        if (type is null || !Supported.Contains(type))
        {
            var found = value.ValueKind == JsonValueKind.Undefined ? "none" : JsonFile.Show(value);
            throw new InvalidCheckpointException($"{path}: model_type: found {found}, expected one of those supported: {string.Join(", ", Supported)}");
        }

        var missing = Required.Where(name => Find(name) is null).ToList();
        if (missing.Count > 0)
            _problems.Add($"missing: {string.Join(", ", missing)}");
        if (Find("hidden_act") is { } activation && (activation.ValueKind != JsonValueKind.String || activation.GetString() is not ("silu" or "swish")))
            _problems.Add($"hidden_act: found {JsonFile.Show(activation)}, expected \"silu\"");
        var vocabulary = Integer("vocab_size", 0, 1, 1 << 24);
        var dModel = Integer("hidden_size", 0, 1, MaxSize);
        var config = new MambaConfig
        {
            ModelType = type,
            VocabularySize = vocabulary,
            DModel = dModel,
            LayerCount = Integer("num_hidden_layers", 0, 1, 4096),
            DInner = Inner(dModel),
            DState = Integer("state_size", 0, 1, 4096),
            DConv = Integer("conv_kernel", 0, 1, 64),
            DtRank = Rank(dModel),
            NormEpsilon = Epsilon(),
            UseBias = Switch("use_bias", false),
            UseConvBias = Switch("use_conv_bias", true),
            ResidualInFp32 = Switch("residual_in_fp32", true),
            TieWordEmbeddings = Switch("tie_word_embeddings", true),
            EosTokenIds = EosTokens(vocabulary),
            TorchDtype = Text("dtype") ?? Text("torch_dtype"),
        };
        _problems.ThrowIfAny(path);
        return config;
    }

    // A field that is null is as good as absent.
    private JsonElement? Find(string name) =>
        _root.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private int Integer(string name, int fallback, int minimum, int maximum)
    {
        if (Find(name) is not { } value)
            return fallback;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= minimum && number <= maximum)
            return number;
        _problems.Add($"{name}: found {JsonFile.Show(value)}, expected a whole number from {minimum} to {maximum}");
        return fallback;
    }

    private int Inner(int dModel)
    {
        if (Find("intermediate_size") is not null)
            return Integer("intermediate_size", 0, 1, MaxSize);
        var inner = (long)Integer("expand", 2, 1, 64) * dModel;
        if (inner <= MaxSize)
            return (int)inner;
        _problems.Add($"expand · hidden_size: found {inner}, expected at most {MaxSize}");
        return 0;
    }

    private int Rank(int dModel) =>
        Find("time_step_rank") is { ValueKind: not JsonValueKind.String } || Text("time_step_rank") is not (null or "auto")
            ? Integer("time_step_rank", 0, 1, MaxSize)
            : (dModel + 15) / 16;

    private double Epsilon()
    {
        if (Find("layer_norm_epsilon") is not { } value)
            return 1e-5;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && number is > 0 and <= 1)
            return number;
        _problems.Add($"layer_norm_epsilon: found {JsonFile.Show(value)}, expected a number above 0 and up to 1");
        return 1e-5;
    }

    private bool Switch(string name, bool fallback)
    {
        if (Find(name) is not { } value)
            return fallback;
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
            return value.GetBoolean();
        _problems.Add($"{name}: found {JsonFile.Show(value)}, expected true or false");
        return fallback;
    }

    private string? Text(string name) => Find(name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    private List<int> EosTokens(int vocabulary)
    {
        if (Find("eos_token_id") is not { } value)
            return [];
        var ids = new List<int>();
        foreach (var element in value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : new[] { value })
        {
            if (element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out var id) && id >= 0 && (vocabulary == 0 || id < vocabulary))
                ids.Add(id);
            else
                _problems.Add($"eos_token_id: found {JsonFile.Show(element)}, expected a token id from 0 to {vocabulary - 1}, a list of them, or null");
        }

        return ids;
    }
}
