namespace Sweep.Persistence;

/// <summary>Another process owns the store; the message names it.</summary>
public sealed class StoreInUseException(string message) : Exception(message);
