using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Sweep.Contracts.Plans;

namespace Sweep.Execution.Hub;

/// <summary>
/// Brings one file into the cache: into a part whose name is the content's, which any later attempt goes on with, and from there, checked, to its place. One process at a time works on a part.
/// </summary>
internal sealed class BlobDownload(HubConnection hub, ModelCache cache, TimeProvider time)
{
    private const int BufferBytes = 1 << 20;

    /// <param name="pinned">The model's commit.</param>
    /// <param name="file">As listed.</param>
    /// <param name="progress">Bytes of the file that are here.</param>
    /// <param name="cancellationToken">Leaves the part for later.</param>
    /// <returns>SHA-256 of the content, under which the cache has it.</returns>
    /// <exception cref="HubFailedException">It cannot be had, or is not what was listed; then nothing of it is kept.</exception>
    public async Task<string> FetchAsync(HubModel pinned, HubFile file, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        var address = hub.AddressOf(pinned, file);
        if (file.Identity is null)
            file = file.With(await hub.RetryAsync(address, () => AskTagAsync(address, cancellationToken), cancellationToken));
        var identity = file.Identity ?? throw new HubFailedException(address.ToString(), "no checksum in the listing or the entity tag", "a SHA-256 or Git's hash of the content");
        using var one = await FileLock.TakeAsync(cache.LockOf(identity), shared: false, time, cancellationToken);
        if (cache.FindBlob(file) is { } known)
        {
            progress?.Report(file.Bytes);
            return known;
        }

        var part = cache.PartOf(identity);
        var isResumed = Length(part) > 0;
        while (true)
        {
            await hub.RetryAsync(address, () => ReadAsync(address, file, part, progress, cancellationToken), cancellationToken, () => Length(part));
            var (sha256, git) = await HashAsync(part, withGit: file.Sha256 is null, cancellationToken);
            if (file.Sha256 is { } expected ? sha256 == expected : git == file.GitHash)
                return cache.Keep(part, file, sha256);
            File.Delete(part);
            if (!isResumed)
            {
                var (found, wanted) = file.Sha256 is null ? ($"Git's hash {git}", file.GitHash) : ($"SHA-256 {sha256}", file.Sha256);
                throw new HubFailedException(address.ToString(), found, $"{wanted}; nothing of it was kept");
            }

            // The beginning may be from another time: once more, all from now.
            isResumed = false;
        }
    }

    /// <summary>SHA-256 of a file, and, if asked, Git's hash of it.</summary>
    public static Task<(string Sha256, string? Git)> HashAsync(string path, bool withGit, CancellationToken cancellationToken) => Task.Run(() => Hash(path, withGit, cancellationToken), cancellationToken);

    [SuppressMessage("Security", "CA5350:Do Not Use Weak Cryptographic Algorithms", Justification = "Git names contents so; it tells a broken download, and nothing rests on it beside that.")]
    private static (string Sha256, string? Git) Hash(string path, bool withGit, CancellationToken cancellationToken)
    {
        using var sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var git = withGit ? IncrementalHash.CreateHash(HashAlgorithmName.SHA1) : null;
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 0, FileOptions.SequentialScan);
        git?.AppendData(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"blob {stream.Length}\0")));
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            while (stream.Read(buffer) is var read && read > 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
                sha256.AppendData(buffer, 0, read);
                git?.AppendData(buffer, 0, read);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return (Convert.ToHexStringLower(sha256.GetHashAndReset()), git is null ? null : Convert.ToHexStringLower(git.GetHashAndReset()));
    }

    private async Task<string?> AskTagAsync(Uri address, CancellationToken cancellationToken)
    {
        using var answer = await hub.OpenAsync(address, 0, cancellationToken);
        HubConnection.RequireSuccess(address, answer.Response);
        return answer.Tag;
    }

    /// <summary>One attempt to complete the part.</summary>
    private async Task<bool> ReadAsync(Uri address, HubFile file, string part, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        var from = Length(part);
        if (from > file.Bytes)
        {
            File.Delete(part);
            from = 0;
        }

        if (from == file.Bytes && from > 0)
            return true;
        using var answer = await hub.OpenAsync(address, from, cancellationToken);
        if (answer.Response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            File.Delete(part);
            throw new IOException("the server has nothing after the bytes that are here already");
        }

        HubConnection.RequireSuccess(address, answer.Response);
        if (file.Contradicts(answer.Tag))
            throw new HubFailedException(address.ToString(), $"entity tag {answer.Tag}", $"{file.Sha256 ?? file.GitHash}, as listed");
        from = Begin(address, file, answer.Response, from);
        await CopyAsync(address, file, answer.Response, part, from, progress, cancellationToken);
        return true;
    }

    /// <summary>Where the answer begins; refuses one that promises another length than the listing.</summary>
    private static long Begin(Uri address, HubFile file, HttpResponseMessage response, long asked)
    {
        var headers = response.Content.Headers;
        var from = 0L;
        if (response.StatusCode == HttpStatusCode.PartialContent)
        {
            from = headers.ContentRange?.From ?? -1;
            if (from != asked)
                throw new HubFailedException(address.ToString(), $"an answer that begins at byte {from}", $"one that begins at byte {asked}");
            if (headers.ContentRange!.Length is { } whole && whole != file.Bytes)
                throw new HubFailedException(address.ToString(), $"{whole} bytes", $"{file.Bytes}, as listed");
        }

        if (headers.ContentEncoding.Count > 0)
            throw new HubFailedException(address.ToString(), $"content encoding {string.Join(", ", headers.ContentEncoding)}", "none");
        if (headers.ContentLength is { } length && from + length != file.Bytes)
            throw new HubFailedException(address.ToString(), $"{from + length} bytes", $"{file.Bytes}, as listed");
        return from;
    }

    private async Task CopyAsync(Uri address, HubFile file, HttpResponseMessage response, string part, long from, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(part)!);
        await using var source = await response.Content.ReadAsStreamAsync(cancellationToken);
        await using var target = new FileStream(part, from > 0 ? FileMode.Open : FileMode.Create, FileAccess.Write, FileShare.Read, 0);
        target.Seek(from, SeekOrigin.Begin);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            var done = from;
            while (await hub.UnlessSilentAsync(token => source.ReadAsync(buffer, token).AsTask(), cancellationToken) is var read && read > 0)
            {
                done += read;
                if (done > file.Bytes)
                {
                    await target.DisposeAsync();
                    File.Delete(part);
                    throw new HubFailedException(address.ToString(), $"more than {file.Bytes} bytes", $"{file.Bytes}, as listed; nothing of it was kept");
                }

                // Into the system's cache: quicker than to wait for another thread.
                target.Write(buffer, 0, read);
                progress?.Report(done);
            }

            if (done != file.Bytes)
                throw new IOException(string.Create(CultureInfo.InvariantCulture, $"a connection that ended after {done} of {file.Bytes} bytes"));
            target.Flush(flushToDisk: true);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static long Length(string path) => File.Exists(path) ? new FileInfo(path).Length : 0;
}
