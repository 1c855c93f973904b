using Xunit;

namespace Sweep.EndToEnd.Tests.Faults;

/// <summary>Debian's faketime: the library is loaded directly, because the program of that name would put a process of its own between a test and its silo.</summary>
internal static class FakeTime
{
    public static string Library()
    {
        var path = Directory.Exists("/usr/lib") ? Directory.GetDirectories("/usr/lib").Select(folder => Path.Combine(folder, "faketime", "libfaketimeMT.so.1")).FirstOrDefault(File.Exists) : null;
        if (path is not null)
            return path;
        const string Missing = "found no /usr/lib/*/faketime/libfaketimeMT.so.1, expected Debian's package faketime";
        if (Environment.GetEnvironmentVariable("CI") == "true")
            Assert.Fail(Missing);
        Assert.Skip(Missing);
        throw new InvalidOperationException("unreachable");
    }
}
