namespace Sweep.Cli.Data;

/// <summary>Brings the files of a source into the data root: download, check, unpack, rename.</summary>
/// <param name="mirror">Files are fetched from MIRROR/HOST/PATH instead of https://HOST/PATH; null: from their homes.</param>
internal sealed class DataPull(DataRoot root, Download download, Uri? mirror, TextWriter say)
{
    public async Task PullAsync(DataSource source, bool force, CancellationToken cancellationToken)
    {
        root.FolderOf(source);
        foreach (var file in source.Files)
            await PullAsync(source, file, force, cancellationToken);
    }

    private async Task PullAsync(DataSource source, PublishedFile file, bool force, CancellationToken cancellationToken)
    {
        var path = root.PathOf(source, file);
        if (File.Exists(path) && !force)
        {
            var there = await Download.HashAsync(path, cancellationToken);
            var known = file.Member is null ? file.Sha256 ?? root.Recorded(source, file.Target) : root.Recorded(source, file.Target);
            if (there != known)
                throw new WrongInputException($"{path}: found a file of SHA-256 {there}, expected {known ?? "none, or one that was pulled"}; --force fetches it again");
            say.WriteLine($"{path}: already there");
            return;
        }

        var downloaded = NameOf(file);
        var expected = file.Sha256 ?? (force ? null : root.Recorded(source, downloaded));
        var address = Address(file);
        say.WriteLine($"{path}: from {address}");
        var part = path + ".part";
        var found = await download.FetchAsync(address, file.MostBytes, expected, part, cancellationToken);
        if (file.Member is null)
        {
            File.Move(part, path, overwrite: true);
        }
        else
        {
            await UnpackAsync(file, address, part, path, cancellationToken);
            root.Record(source, file.Target, await Download.HashAsync(path, cancellationToken));
        }

        root.Record(source, downloaded, found);
        say.WriteLine(expected is null
            ? $"{path}: done; no publication states its SHA-256, {found} is recorded and expected from now on"
            : $"{path}: done, SHA-256 as {(file.Sha256 is null ? "recorded" : "published")}");
    }

    private static async Task UnpackAsync(PublishedFile file, Uri address, string part, string path, CancellationToken cancellationToken)
    {
        try
        {
            await ArchiveMember.ExtractAsync(part, file, path + ".new", cancellationToken);
            File.Move(path + ".new", path, overwrite: true);
        }
        catch (Exception broken) when (broken is InvalidDataException or System.Text.Json.JsonException or EndOfStreamException)
        {
            File.Delete(path + ".new");
            throw new PullFailedException(address.ToString(), $"an archive that cannot be used ({broken.Message.TrimEnd('.')})", $"one with {file.Member}");
        }
        finally
        {
            if (!cancellationToken.IsCancellationRequested)
                File.Delete(part);
        }
    }

    /// <summary>What SHA256SUMS calls the download: an archive is not kept, its sum is.</summary>
    private static string NameOf(PublishedFile file) => file.Member is null ? file.Target : $"{file.Target} (archive)";

    private Uri Address(PublishedFile file)
    {
        var home = new Uri(file.Url);
        return mirror is null ? home : new Uri($"{mirror.ToString().TrimEnd('/')}/{home.Host}{home.PathAndQuery}");
    }
}
