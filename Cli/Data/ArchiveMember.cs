using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;

namespace Sweep.Cli.Data;

/// <summary>Takes single members out of an archive by their exact name; nothing else of it is unpacked, and no name of it becomes a path.</summary>
internal static class ArchiveMember
{
    private const long MostBytes = 2L << 30;
    private const long MostLabels = 16L << 20;

    /// <exception cref="InvalidDataException">No such archive, or it lacks the member, or the member is too long.</exception>
    public static async Task ExtractAsync(string archive, PublishedFile file, string target, CancellationToken cancellationToken)
    {
        if (file.Labels is null)
        {
            await using var output = new FileStream(target, FileMode.Create, FileAccess.Write, FileShare.None);
            await CopyAsync(archive, file, file.Member!, output, MostBytes, cancellationToken);
            return;
        }

        using var records = new MemoryStream();
        using var labels = new MemoryStream();
        await CopyAsync(archive, file, file.Member!, records, MostLabels * 4, cancellationToken);
        await CopyAsync(archive, file, file.Labels, labels, MostLabels, cancellationToken);
        await File.WriteAllTextAsync(target, Joined(Lines(records), Lines(labels), file), cancellationToken);
    }

    /// <summary>Each record with its line of labels as "label".</summary>
    private static string Joined(string[] records, string[] labels, PublishedFile file)
    {
        if (records.Length != labels.Length)
            throw new InvalidDataException($"{records.Length} records in {file.Member} and {labels.Length} labels in {file.Labels}");
        var text = new StringBuilder();
        foreach (var (record, label) in records.Zip(labels))
        {
            if (JsonNode.Parse(record) is not JsonObject fields || !int.TryParse(label, out var number))
                throw new InvalidDataException($"a line of {file.Member} or {file.Labels} that is no record or no number");
            fields["label"] = number;
            text.Append(fields.ToJsonString()).Append('\n');
        }

        return text.ToString();
    }

    private static string[] Lines(MemoryStream stream) => Encoding.UTF8.GetString(stream.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static async Task CopyAsync(string archive, PublishedFile file, string member, Stream output, long most, CancellationToken cancellationToken)
    {
        await using var stream = File.OpenRead(archive);
        if (new Uri(file.Url).AbsolutePath.EndsWith(".tar.gz", StringComparison.Ordinal))
        {
            await using var unpacked = new GZipStream(stream, CompressionMode.Decompress);
            await using var tar = new TarReader(unpacked);
            while (await tar.GetNextEntryAsync(copyData: false, cancellationToken) is { } entry)
            {
                if (entry.Name != member || entry.DataStream is null)
                    continue;
                await CopyAsync(entry.DataStream, output, most, member, cancellationToken);
                return;
            }

            throw new InvalidDataException($"no member {member}");
        }

        using var zip = new ZipArchive(stream, ZipArchiveMode.Read);
        var found = zip.GetEntry(member) ?? throw new InvalidDataException($"no member {member}");
        await using var content = await found.OpenAsync(cancellationToken);
        await CopyAsync(content, output, most, member, cancellationToken);
    }

    private static async Task CopyAsync(Stream from, Stream to, long most, string member, CancellationToken cancellationToken)
    {
        var buffer = new byte[1 << 16];
        var done = 0L;
        int read;
        while ((read = await from.ReadAsync(buffer, cancellationToken)) > 0)
        {
            done += read;
            if (done > most)
                throw new InvalidDataException($"more than {most} bytes in {member}");
            await to.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
        }
    }
}
