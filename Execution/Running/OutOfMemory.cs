namespace Sweep.Execution.Running;

/// <summary>Knows a failure to get memory, on whatever device, by what libtorch says.</summary>
internal static class OutOfMemory
{
    private static readonly string[] Words = ["out of memory", "bad_alloc", "can't allocate memory", "not enough memory"];

    public static bool Is(Exception failure)
    {
        for (var inner = failure; inner is not null; inner = inner.InnerException)
        {
            if (inner is OutOfMemoryException || Words.Any(word => inner.Message.Contains(word, StringComparison.OrdinalIgnoreCase)))
                return true;
        }

        return false;
    }
}
