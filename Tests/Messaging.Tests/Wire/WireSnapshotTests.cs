using Sweep.Tests;
using Xunit;

namespace Sweep.Messaging.Tests.Wire;

/// <summary>
/// Compares what crosses processes with the shape that is checked in: silos of two versions share a cluster during an upgrade, and senders of messages are not ours. What is gone,
/// renamed or renumbered fails for good; what is added fails until the snapshot is updated on purpose.
/// </summary>
public sealed class WireSnapshotTests
{
    private const string Update = "SWEEP_UPDATE_SNAPSHOTS";

    private const string Before = """
        message a urn:a
          key text
          plan any
          sweep_id text required
        type sweep.X
          0 Name String
          1 Count Int32

        """;

    [Fact]
    public void OrleansTypes_AreTheSnapshots() => Compare("orleans.txt", OrleansShape.Read());

    [Fact]
    public void Messages_AreTheSnapshots() => Compare("messages.txt", MessageShape.Read());

    [Theory]
    [InlineData("  key text\n", "", "gone or changed: message a urn:a: key text")]
    [InlineData("plan any", "plan text", "gone or changed: message a urn:a: plan any")]
    [InlineData("plan any", "plan_document any", "gone or changed: message a urn:a: plan any")]
    [InlineData("urn:a", "urn:b", "gone: message a urn:a")]
    [InlineData("key text", "key text\n  owner text required", "newly demanded: message a urn:a: owner text required")]
    [InlineData("1 Count", "2 Count", "gone or changed: type sweep.X: 1 Count Int32")]
    [InlineData("Int32", "Int64", "gone or changed: type sweep.X: 1 Count Int32")]
    [InlineData("type sweep.X", "type sweep.Y", "gone: type sweep.X")]
    public void Shape_WithAnIncompatibleChange_IsBroken(string from, string to, string broken) =>
        Assert.Equal([broken], WireShape.Broken(WireShape.Parse(Before), WireShape.Parse(Before.Replace(from, to, StringComparison.Ordinal))));

    [Theory]
    [InlineData("  key text", "  key text\n  owner text", "new: message a urn:a: owner text")]
    [InlineData("  1 Count Int32\n", "  1 Count Int32\n  2 More Int32\n", "new: type sweep.X: 2 More Int32")]
    [InlineData("type sweep.X", "type sweep.W\n  0 A Int32\ntype sweep.X", "new: type sweep.W")]
    public void Shape_WithAnAddition_IsNotBroken(string from, string to, string added)
    {
        var (before, now) = (WireShape.Parse(Before), WireShape.Parse(Before.Replace(from, to, StringComparison.Ordinal)));

        Assert.Empty(WireShape.Broken(before, now));
        Assert.Equal([added], WireShape.Added(before, now));
    }

    [Fact]
    public void Shape_WrittenAndRead_IsTheSame() => Assert.Equal(OrleansShape.Read().ToString(), WireShape.Parse(OrleansShape.Read().ToString()).ToString());

    private static void Compare(string file, WireShape now)
    {
        var path = Path.Combine(Fixtures.Root, "Tests", "Messaging.Tests", "Wire", file);
        var before = WireShape.Parse(File.Exists(path) ? File.ReadAllText(path) : "");
        var broken = WireShape.Broken(before, now);
        Assert.True(broken.Count == 0, $"peers of the version before would break:\n{string.Join('\n', broken)}\nKeep what is there and add beside it ({path}).");
        var added = WireShape.Added(before, now);
        if (added.Count > 0 && Environment.GetEnvironmentVariable(Update) == "true")
        {
            File.WriteAllText(path, now.ToString());
            return;
        }

        Assert.True(added.Count == 0, $"not in {path} yet:\n{string.Join('\n', added)}\nIf that is meant: {Update}=true dotnet run --project Tests/Messaging.Tests -- --filter-class '*WireSnapshotTests'");
    }
}
