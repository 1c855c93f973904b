namespace Sweep.Evaluation;

/// <summary>A benchmark or prediction file that cannot be used; the message names the file, the place in it, what was found and what was expected.</summary>
public sealed class InvalidDataFileException : Exception
{
    public InvalidDataFileException(string file, string place, string found, string expected)
        : base($"{file}: {place}: found {found}, expected {expected}")
    {
    }
}
