using System.Text.Json;
using Sweep.Contracts.Plans;

namespace Sweep.Execution.Hub;

/// <summary>What the hub says a revision holds.</summary>
internal sealed record HubListing(string Commit, IReadOnlyList<HubFile> Files)
{
    public const int MostBytes = 16 << 20;
    private const int MostFiles = 10_000;

    /// <exception cref="HubFailedException">No such listing.</exception>
    public static HubListing Parse(ReadOnlyMemory<byte> json, string place, HubModel model)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 64 });
            var root = document.RootElement;
            if (Text(root, "sha") is not { } commit || !HubModel.IsCommit(commit))
                throw new HubFailedException(place, $"sha {Shown(root, "sha")}", "a commit of 40 hexadecimal digits");
            if (model.IsPinned && commit != model.Revision)
                throw new HubFailedException(place, $"commit {commit}", $"commit {model.Revision}");
            if (Member(root, "siblings") is not { ValueKind: JsonValueKind.Array } siblings || siblings.GetArrayLength() > MostFiles)
                throw new HubFailedException(place, $"siblings {Shown(root, "siblings")}", $"a list of at most {MostFiles} files");
            return new(commit, [.. siblings.EnumerateArray().Select((file, at) => Entry(file, $"{place}: siblings[{at}]"))]);
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)
        {
            throw new HubFailedException(place, $"an answer that is no JSON ({broken.Message.TrimEnd('.')})", "the model's listing");
        }
    }

    private static HubFile Entry(JsonElement file, string place)
    {
        if (Text(file, "rfilename") is not { Length: > 0 } name)
            throw new HubFailedException(place, $"rfilename {Shown(file, "rfilename")}", "a file's name");
        var large = Member(file, "lfs");
        var bytes = Number(large, "size") ?? Number(file, "size") ?? -1;
        return new HubFile { Name = name, Bytes = bytes, Sha256 = Hash(large, "sha256", 64), GitHash = Hash(file, "blobId", 40) };
    }

    private static JsonElement? Member(JsonElement? parent, string name) =>
        parent is { ValueKind: JsonValueKind.Object } some && some.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private static string? Text(JsonElement? parent, string name) => Member(parent, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    private static long? Number(JsonElement? parent, string name) =>
        Member(parent, name) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt64(out var value) && value >= 0 ? value : null;

    private static string? Hash(JsonElement? parent, string name, int length) =>
        Text(parent, name)?.ToLowerInvariant() is { } hash && hash.Length == length && hash.All(char.IsAsciiHexDigitLower) ? hash : null;

    private static string Shown(JsonElement parent, string name) => Member(parent, name) is { } value ? value.GetRawText() is { Length: <= 60 } text ? text : $"{value.GetRawText()[..60]}…" : "none";
}
