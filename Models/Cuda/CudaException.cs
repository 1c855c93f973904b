namespace Sweep.Models.Cuda;

/// <summary>A library of CUDA is missing, or a call of one failed; the message names the call and what it answered.</summary>
public sealed class CudaException(string message) : Exception(message);
