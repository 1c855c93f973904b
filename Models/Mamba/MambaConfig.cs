namespace Sweep.Models.Mamba;

/// <summary>The sizes and switches of a Mamba-1 checkpoint, as its config.json states them (transformers' MambaConfig names in brackets).</summary>
public sealed record MambaConfig
{
    /// <summary>[model_type]; "mamba" here.</summary>
    public required string ModelType { get; init; }

    /// <summary>V, rows of the embedding [vocab_size].</summary>
    public required int VocabularySize { get; init; }

    /// <summary>d_model, width of the residual stream [hidden_size].</summary>
    public required int DModel { get; init; }

    /// <summary>Number of blocks [num_hidden_layers].</summary>
    public required int LayerCount { get; init; }

    /// <summary>d_inner, width inside the mixer [intermediate_size, else expand · hidden_size].</summary>
    public required int DInner { get; init; }

    /// <summary>d_state, SSM state size per inner channel [state_size].</summary>
    public required int DState { get; init; }

    /// <summary>d_conv, taps of the causal convolution [conv_kernel].</summary>
    public required int DConv { get; init; }

    /// <summary>dt_rank [time_step_rank; "auto" is ceil(d_model / 16)].</summary>
    public required int DtRank { get; init; }

    /// <summary>Epsilon of every RMSNorm [layer_norm_epsilon].</summary>
    public required double NormEpsilon { get; init; }

    /// <summary>in_proj and out_proj have biases [use_bias].</summary>
    public required bool UseBias { get; init; }

    /// <summary>The convolution has a bias [use_conv_bias].</summary>
    public required bool UseConvBias { get; init; }

    /// <summary>The residual stream is kept in fp32 whatever the model's dtype [residual_in_fp32].</summary>
    public required bool ResidualInFp32 { get; init; }

    /// <summary>The head is the embedding matrix [tie_word_embeddings].</summary>
    public required bool TieWordEmbeddings { get; init; }

    /// <summary>Generation stops at any of these [eos_token_id: a number, a list, or absent].</summary>
    public required IReadOnlyList<int> EosTokenIds { get; init; }

    /// <summary>Dtype the checkpoint was saved in [torch_dtype or dtype], when stated.</summary>
    public string? TorchDtype { get; init; }
}
