namespace Sweep.Execution.Residency;

/// <summary>Text to tokens and back, as one model has it.</summary>
internal interface ITokenCodec
{
    /// <summary>The text as a model of this family is prompted with it: after the token that its texts begin with, where it has one. No special token is found in the text.</summary>
    IReadOnlyList<int> Encode(string text);

    /// <summary>The text as it goes on after a prompt.</summary>
    IReadOnlyList<int> EncodeContinuation(string text);

    /// <summary>Special tokens give nothing.</summary>
    byte[] DecodeBytes(IReadOnlyList<int> tokens);
}
