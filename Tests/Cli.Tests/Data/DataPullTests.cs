using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Sweep.Cli.Data;
using Sweep.Evaluation.Benchmarks;
using Sweep.Tests;
using Xunit;

namespace Sweep.Cli.Tests.Data;

public sealed class DataPullTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false });
    private readonly StringWriter _said = new();

    public void Dispose()
    {
        _client.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Pull_FileOfKnownSum_LiesInItsFolderAndIsNotFetchedTwice()
    {
        var content = Encoding.UTF8.GetBytes("hello");
        var source = Source(new PublishedFile("a.txt", "https://example.org/x/a.txt?y=1", 100) { Sha256 = Sum(content) });
        await using var server = new FileServer((_, request) => FileServer.File(request, content));
        await PullAsync(server, source);
        await PullAsync(server, source);
        Assert.Equal("/example.org/x/a.txt?y=1", Assert.Single(server.Requests).Path);
        Assert.Equal("hello", File.ReadAllText(Path.Combine(_folder.Path, "s", "a.txt")));
        Assert.Equal(["SHA256SUMS", "a.txt"], Names());
        Assert.Contains("SHA-256 as published", _said.ToString(), StringComparison.Ordinal);
        Assert.Contains("already there", _said.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pull_FileOfUnknownSum_RecordsItAndExpectsItFromThenOn()
    {
        var content = Encoding.UTF8.GetBytes("first");
        var source = Source(new PublishedFile("a.txt", "https://example.org/a.txt", 100));
        await using var server = new FileServer((_, request) => FileServer.File(request, content));
        await PullAsync(server, source);
        Assert.Contains($"no publication states its SHA-256, {Sum(content)} is recorded", _said.ToString(), StringComparison.Ordinal);

        File.Delete(Path.Combine(_folder.Path, "s", "a.txt"));
        content = Encoding.UTF8.GetBytes("other");
        Assert.Contains($"expected {Sum("first"u8.ToArray())}", (await Assert.ThrowsAsync<PullFailedException>(() => PullAsync(server, source))).Message, StringComparison.Ordinal);
        Assert.Equal(["SHA256SUMS"], Names());
        await PullAsync(server, source, force: true);
        Assert.Equal("other", File.ReadAllText(Path.Combine(_folder.Path, "s", "a.txt")));
    }

    [Fact]
    public async Task Pull_OtherFileOfTheName_IsNotOverwritten()
    {
        var source = Source(new PublishedFile("a.txt", "https://example.org/a.txt", 100) { Sha256 = Sum("x"u8.ToArray()) });
        await using var server = new FileServer((_, request) => FileServer.File(request, "x"u8.ToArray()));
        Directory.CreateDirectory(Path.Combine(_folder.Path, "s"));
        File.WriteAllText(Path.Combine(_folder.Path, "s", "a.txt"), "my own");
        Assert.Contains("--force fetches it again", (await Assert.ThrowsAsync<WrongInputException>(() => PullAsync(server, source))).Message, StringComparison.Ordinal);
        Assert.Equal("my own", File.ReadAllText(Path.Combine(_folder.Path, "s", "a.txt")));
        Assert.Empty(server.Requests);
    }

    [Theory]
    [InlineData("s")]
    [InlineData("s/a.txt")]
    [InlineData("s/a.txt.part")]
    [InlineData("s/SHA256SUMS")]
    public async Task Pull_LinkInTheRoot_IsNotFollowed(string link)
    {
        var source = Source(new PublishedFile("a.txt", "https://example.org/a.txt", 100));
        await using var server = new FileServer((_, request) => FileServer.File(request, "x"u8.ToArray()));
        using var outside = new TemporaryFolder();
        var path = Path.Combine(_folder.Path, link);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.CreateSymbolicLink(path, link == "s" ? outside.Path : Path.Combine(outside.Path, "target"));
        Assert.Contains("found a link", (await Assert.ThrowsAsync<WrongInputException>(() => PullAsync(server, source))).Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(outside.Path));
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task Pull_ZipWithLabels_JoinsThemToRecordsThatTheBenchmarkReads()
    {
        var zip = Zip(("d/dev.jsonl", "{\"goal\":\"g\",\"sol1\":\"a\",\"sol2\":\"b\"}\n{\"goal\":\"h\",\"sol1\":\"c\",\"sol2\":\"d\"}\n"), ("d/dev-labels.lst", "1\n0\n"), ("../../escape.txt", "out"));
        var source = Source(new PublishedFile("dev.jsonl", "https://example.org/p.zip", 10_000) { Member = "d/dev.jsonl", Labels = "d/dev-labels.lst" });
        await using var server = new FileServer((_, request) => FileServer.File(request, zip));
        await PullAsync(server, source);
        await PullAsync(server, source);
        Assert.Single(server.Requests);
        Assert.Equal([1, 0], BenchmarkCatalog.Find("piqa").Read(Path.Combine(_folder.Path, "s", "dev.jsonl")).Select(item => item.Gold!.Value));
        Assert.Equal(["SHA256SUMS", "dev.jsonl"], Names());
    }

    [Fact]
    public async Task Pull_TarGz_KeepsTheMemberAlone()
    {
        using var stream = new MemoryStream();
        await using (var zipped = new GZipStream(stream, CompressionLevel.Fastest, leaveOpen: true))
        await using (var tar = new TarWriter(zipped))
        {
            foreach (var (name, text) in new[] { ("t/other.json", "no"), ("../evil.json", "evil"), ("t/dev.json", "yes") })
                await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)) }, TestContext.Current.CancellationToken);
        }

        var source = Source(new PublishedFile("dev.json", "https://example.org/t.tar.gz", 10_000) { Member = "t/dev.json" });
        await using var server = new FileServer((_, request) => FileServer.File(request, stream.ToArray()));
        await PullAsync(server, source);
        Assert.Equal("yes", File.ReadAllText(Path.Combine(_folder.Path, "s", "dev.json")));
        Assert.Equal(["SHA256SUMS", "dev.json"], Names());
    }

    [Theory]
    [InlineData("no zip at all", "found an archive that cannot be used")]
    [InlineData(null, "expected one with d/dev.jsonl")]
    public async Task Pull_ArchiveWithoutTheMember_LeavesNothing(string? content, string message)
    {
        var bytes = content is null ? Zip(("d/other", "x")) : Encoding.UTF8.GetBytes(content);
        var source = Source(new PublishedFile("dev.jsonl", "https://example.org/p.zip", 10_000) { Member = "d/dev.jsonl" });
        await using var server = new FileServer((_, request) => FileServer.File(request, bytes));
        Assert.Contains(message, (await Assert.ThrowsAsync<PullFailedException>(() => PullAsync(server, source))).Message, StringComparison.Ordinal);
        Assert.Empty(Names());
    }

    [Theory]
    [InlineData("..", "a")]
    [InlineData("a/b", "a")]
    [InlineData("a", "../b")]
    [InlineData("a", "/etc/b")]
    public void PathOf_NameThatIsAPath_IsABug(string name, string target)
    {
        var file = new PublishedFile(target, "https://example.org/", 1);
        Assert.Throws<InvalidOperationException>(() => new DataRoot(_folder.Path).PathOf(new DataSource(name, "b", "l", file), file));
    }

    [Fact]
    public void Catalog_Sources_AreAtHomeOnHttpsAndReadByABenchmark()
    {
        Assert.Equal(["arc", "drop", "hellaswag", "ifeval", "lambada", "musique", "piqa", "squad", "triviaqa", "wikitext-2"], DataCatalog.All.Select(source => source.Name).Order(StringComparer.Ordinal));
        foreach (var source in DataCatalog.All)
        {
            Assert.All(source.Benchmark.Split(", "), name => Assert.Contains(name, BenchmarkCatalog.Names));
            Assert.All(source.Files, file => Assert.Equal("https", new Uri(file.Url).Scheme));
            Assert.All(source.Files.Where(file => file.Sha256 is not null), file => Assert.Matches("^[0-9a-f]{64}$", file.Sha256));
            Assert.All(source.Files, file => Assert.StartsWith(_folder.Path, new DataRoot(_folder.Path).PathOf(source, file), StringComparison.Ordinal));
        }
    }

    /// <summary>The one file of the catalogue that lies beside the repository as it is published.</summary>
    [Fact]
    public void Catalog_SumOfIfeval_IsThatOfThePublishedFile() =>
        Assert.Equal(Sum(File.ReadAllBytes(Fixtures.Data("ifeval", "input_data.jsonl"))), DataCatalog.All.Single(source => source.Name == "ifeval").Files[0].Sha256);

    private static DataSource Source(PublishedFile file) => new("s", "squad", "none", file);

    private static string Sum(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));

    private static byte[] Zip(params (string Name, string Text)[] members)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, text) in members)
            {
                using var entry = zip.CreateEntry(name).Open();
                entry.Write(Encoding.UTF8.GetBytes(text));
            }
        }

        return stream.ToArray();
    }

    private string[] Names() => [.. Directory.GetFiles(Path.Combine(_folder.Path, "s")).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];

    private Task PullAsync(FileServer server, DataSource source, bool force = false) =>
        new DataPull(new DataRoot(_folder.Path), new Download(_client, new HurriedTime()), server.Address, _said).PullAsync(source, force, TestContext.Current.CancellationToken);
}
