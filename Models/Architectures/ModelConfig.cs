using Sweep.Models.Steering;

namespace Sweep.Models.Architectures;

/// <summary>The sizes and switches that every architecture has, as config.json states them (transformers' names in brackets).</summary>
public abstract record ModelConfig
{
    /// <summary>Which architecture it is [model_type].</summary>
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

    /// <summary>Epsilon of the blocks' and the final RMSNorm [layer_norm_epsilon].</summary>
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

    /// <summary>What the reader took for granted though the folder does not say it and others read it otherwise: a sentence each, for whoever runs the model.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Groups that the norm before out_proj takes the mean over; null: the architecture has no such norm.</summary>
    public virtual int? MixerNormGroups => null;

    /// <summary>Multiply-adds a token of one block: what is multiplied, whatever the form of the scan.</summary>
    public abstract long BlockMultiplyAdds { get; }

    internal abstract Architecture Architecture { get; }

    /// <summary>Channels that are convolved.</summary>
    internal virtual int ConvolutionWidth => DInner;

    /// <summary>Channels of a site's last axis; 0: the architecture has no such site.</summary>
    internal abstract int Width(Site site);

    /// <summary>Everything that changes a number or a generation, for the weights' hash; not the dtype that the config claims, which the tensors state themselves.</summary>
    internal abstract string Describe();
}
