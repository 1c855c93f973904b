namespace Sweep.Persistence;

/// <summary>A store that this version cannot use; the message says what to do.</summary>
public sealed class IncompatibleStoreException(string message) : Exception(message);
