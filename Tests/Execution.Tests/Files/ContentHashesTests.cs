using Sweep.Execution.Files;

namespace Sweep.Execution.Tests.Files;

public sealed class ContentHashesTests
{
    [Fact]
    public void OfFile_ContentChanges_GivesTheNewHash()
    {
        var path = Path.GetTempFileName();
        try
        {
            var hashes = new ContentHashes();
            File.WriteAllText(path, "abc");
            Assert.Equal("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", hashes.OfFile(path));
            File.WriteAllText(path, "abcd");
            Assert.Equal("88d4266fd4e6338d13b845fcf289579d209c897823b9217da3e161936f031589", hashes.OfFile(path));
        }
        finally
        {
            File.Delete(path);
        }
    }
}
