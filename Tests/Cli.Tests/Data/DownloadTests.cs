using System.Security.Cryptography;
using System.Text;
using Sweep.Cli.Data;
using Sweep.Tests;
using Xunit;

namespace Sweep.Cli.Tests.Data;

public sealed class DownloadTests : IDisposable
{
    private static readonly byte[] Content = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 50_000).Select(i => $"line {i}\n")));
    private static readonly string Sum = Convert.ToHexStringLower(SHA256.HashData(Content));

    private readonly TemporaryFolder _folder = new();
    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false });

    private string Part => Path.Combine(_folder.Path, "file.part");

    public void Dispose()
    {
        _client.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Fetch_WholeFile_IsCheckedAndLeavesNothingBeside()
    {
        await using var server = new FileServer((_, request) => FileServer.File(request, Content));
        Assert.Equal(Sum, await FetchAsync(server, Sum));
        Assert.Equal(Content, File.ReadAllBytes(Part));
        Assert.Equal([Part], Directory.GetFiles(_folder.Path));
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Fetch_ConnectionThatBreaksOff_GoesOnWhereItWas()
    {
        // Each answer promises all that is left and sends a third of the file.
        var third = (Content.Length / 3) + 1;
        await using var server = new FileServer((_, request) =>
        {
            var whole = FileServer.File(request, Content);
            return whole with { Body = whole.Body[..Math.Min(whole.Body.Length, third)] };
        });
        Assert.Equal(Sum, await FetchAsync(server, Sum));
        Assert.Equal(Content, File.ReadAllBytes(Part));
        Assert.Equal([null, third, 2 * third], server.Requests.Select(request => request.From));
        Assert.All(server.Requests.Skip(1), request => Assert.Equal("\"one\"", request.IfRange));
    }

    [Fact]
    public async Task Fetch_AfterAnInterruptedRun_GoesOnWithWhatIsThere()
    {
        await using (var broken = new FileServer((number, request) => number == 0 ? FileServer.File(request, Content) with { Body = Content[..1000] } : new Answer(503, [])))
            await Assert.ThrowsAsync<PullFailedException>(() => FetchAsync(broken, Sum));
        Assert.Equal(1000, new FileInfo(Part).Length);

        // The same address is another one here: the port is new, so the state is rewritten as if it were the same.
        await using var server = new FileServer((_, request) => FileServer.File(request, Content));
        File.WriteAllText(Part + ".json", $$"""{"Address":"{{server.Address}}f","EntityTag":"\"one\""}""");
        Assert.Equal(Sum, await FetchAsync(server, Sum));
        Assert.Equal([1000], server.Requests.Select(request => request.From));
    }

    [Fact]
    public async Task Fetch_FileThatChangedMeanwhile_BeginsAnew()
    {
        await using var server = new FileServer((number, request) =>
            number == 0 ? FileServer.File(request, new byte[Content.Length], "\"old\"") with { Body = new byte[1000] } : FileServer.File(request, Content));
        Assert.Equal(Sum, await FetchAsync(server, Sum));
        Assert.Equal(Content, File.ReadAllBytes(Part));
    }

    [Theory]
    [InlineData("W/\"weak\"")]
    [InlineData(null)]
    public async Task Fetch_NoStrongEntityTag_NeverContinues(string? tag)
    {
        await using var server = new FileServer((number, _) =>
            new Answer(200, number == 0 ? Content[..1000] : Content, [.. tag is null ? (string[])[] : [$"ETag: {tag}"], $"Content-Length: {Content.Length}"]));
        Assert.Equal(Sum, await FetchAsync(server, Sum));
        Assert.Equal([null, null], server.Requests.Select(request => request.From));
    }

    [Fact]
    public async Task Fetch_ServerGoesOnElsewhereThanAsked_IsNotBelieved()
    {
        await using var server = new FileServer((number, request) => number switch
        {
            0 => FileServer.File(request, Content) with { Body = Content[..1000] },
            1 => new Answer(206, Content[500..], "ETag: \"one\"", $"Content-Range: bytes 500-{Content.Length - 1}/{Content.Length}", $"Content-Length: {Content.Length - 500}"),
            _ => FileServer.File(request, Content),
        });
        Assert.Equal(Sum, await FetchAsync(server, Sum));
        Assert.Equal([null, 1000, null], server.Requests.Select(request => request.From));
    }

    [Fact]
    public async Task Fetch_LengthThatIsALie_EndsWithWhatCame()
    {
        await using var server = new FileServer((_, _) => new Answer(200, Content, $"Content-Length: {Content.Length + 10}"));
        var failure = await Assert.ThrowsAsync<PullFailedException>(() => FetchAsync(server, Sum, most: Content.Length * 2));
        Assert.Contains("found a connection that ended after", failure.Message, StringComparison.Ordinal);
        Assert.Contains("5 times, expected the whole file", failure.Message, StringComparison.Ordinal);
        Assert.Equal(5, server.Requests.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Fetch_MoreThanTheBound_StopsAndKeepsNothing(bool saysSo)
    {
        await using var server = new FileServer((_, _) => new Answer(200, Content, saysSo ? [$"Content-Length: {Content.Length}"] : []));
        var failure = await Assert.ThrowsAsync<PullFailedException>(() => FetchAsync(server, Sum, most: 100_000));
        Assert.EndsWith("expected at most 100000 bytes; nothing of it was kept", failure.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder.Path));
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Fetch_OtherContents_AreRefusedAndNotKept()
    {
        await using var server = new FileServer((_, request) => FileServer.File(request, [.. Content[..^1], 0]));
        var failure = await Assert.ThrowsAsync<PullFailedException>(() => FetchAsync(server, Sum));
        Assert.Matches($"^http://127.0.0.1:[0-9]+/f: found a file of SHA-256 [0-9a-f]{{64}}, expected {Sum}; nothing of it was kept$", failure.Message);
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public async Task Fetch_Redirects_AreFollowed()
    {
        await using var server = new FileServer((number, request) => number < 3 ? new Answer(302, [], $"Location: /at{number}", "Content-Length: 0") : FileServer.File(request, Content));
        Assert.Equal(Sum, await FetchAsync(server, Sum));
        Assert.Equal(["/f", "/at0", "/at1", "/at2"], server.Requests.Select(request => request.Path));
    }

    [Theory]
    [InlineData("http://192.0.2.1/f", "found the way to http://192.0.2.1/f, expected https all the way")]
    [InlineData("ftp://127.0.0.1/f", "found the way to ftp://127.0.0.1/f, expected https all the way")]
    [InlineData("file:///etc/hostname", "found the way to file:///etc/hostname, expected https all the way")]
    [InlineData("/f", "found more than 5 redirects, expected the file")]
    public async Task Fetch_RedirectThatLeadsAstray_IsNotFollowed(string target, string message)
    {
        await using var server = new FileServer((_, _) => new Answer(301, [], $"Location: {target}", "Content-Length: 0"));
        Assert.EndsWith(message, (await Assert.ThrowsAsync<PullFailedException>(() => FetchAsync(server, Sum))).Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Theory]
    [InlineData(404)]
    [InlineData(503)]
    public async Task Fetch_ErrorStatus_IsSaid(int status)
    {
        await using var server = new FileServer((_, _) => new Answer(status, Content, $"Content-Length: {Content.Length}"));
        Assert.EndsWith($"found status {status}, expected 200", (await Assert.ThrowsAsync<PullFailedException>(() => FetchAsync(server, Sum))).Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Part));
    }

    [Fact]
    public async Task Fetch_PlainHttpToAnotherMachine_IsRefusedBeforeAnythingIsSent() =>
        Assert.EndsWith("expected https all the way", (await Assert.ThrowsAsync<PullFailedException>(() =>
            new Download(_client, new HurriedTime()).FetchAsync(new Uri("http://192.0.2.1/f"), 1, null, Part, TestContext.Current.CancellationToken))).Message, StringComparison.Ordinal);

    private Task<string> FetchAsync(FileServer server, string sum, long? most = null) =>
        new Download(_client, new HurriedTime()).FetchAsync(new Uri(server.Address, "f"), most ?? Content.Length, sum, Part, TestContext.Current.CancellationToken);
}
