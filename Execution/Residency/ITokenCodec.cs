namespace Sweep.Execution.Residency;

/// <summary>Text to tokens and back, as one model has it.</summary>
internal interface ITokenCodec
{
    /// <summary>No token is added that the text does not ask for.</summary>
    IReadOnlyList<int> Encode(string text);

    /// <summary>Special tokens give nothing.</summary>
    byte[] DecodeBytes(IReadOnlyList<int> tokens);
}
