using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;

namespace Sweep.Cli.Data;

/// <summary>
/// Fetches one file over HTTPS into NAME.part, which a later attempt goes on with where the server allows it (the same address and entity tag), and checks it when it is whole. Redirects are
/// followed to HTTPS only; plain HTTP is for a mirror on this machine.
/// </summary>
internal sealed class Download(HttpClient client, TimeProvider time, IProgress<DownloadProgress>? progress = null)
{
    private const int MostAttempts = 5;
    private const int MostRedirects = 5;
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(60);

    /// <returns>SHA-256 of the part file, which holds the whole download.</returns>
    /// <exception cref="PullFailedException">It cannot be had, is too long, or is not what was published; then nothing of it is kept.</exception>
    public async Task<string> FetchAsync(Uri address, long mostBytes, string? sha256, string part, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var before = Length(part);
            try
            {
                await ReadAsync(address, mostBytes, part, cancellationToken);
                break;
            }
            catch (Exception broken) when (broken is HttpRequestException { StatusCode: null } or IOException or TimeoutException)
            {
                // As long as bytes come it is worth going on; attempts count those that bring none.
                if (Length(part) > before)
                    attempt = 1;
                if (attempt == MostAttempts)
                    throw new PullFailedException(address.ToString(), $"a connection that ended after {Length(part)} bytes ({broken.Message.TrimEnd('.')}), {MostAttempts} times", "the whole file; what came is kept, pull again to go on");
                await Task.Delay(TimeSpan.FromSeconds(1 << attempt), time, cancellationToken);
            }
        }

        var found = await HashAsync(part, cancellationToken);
        if (sha256 is not null && found != sha256)
        {
            Forget(part);
            throw new PullFailedException(address.ToString(), $"a file of SHA-256 {found}", $"{sha256}; nothing of it was kept");
        }

        File.Delete(StateOf(part));
        return found;
    }

    public static async Task<string> HashAsync(string path, CancellationToken cancellationToken)
    {
        await using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken));
    }

    private async Task ReadAsync(Uri address, long mostBytes, string part, CancellationToken cancellationToken)
    {
        var state = PartState.Of(part, address);
        var from = state is null ? 0 : Length(part);
        using var response = await AnswerAsync(address, from, state, cancellationToken);
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            Forget(part);
            throw new IOException("the server has nothing after the bytes that are here already");
        }

        if (response.StatusCode is not (HttpStatusCode.OK or HttpStatusCode.PartialContent))
            throw new PullFailedException(address.ToString(), $"status {(int)response.StatusCode}", "200");
        var goesOn = response.StatusCode == HttpStatusCode.PartialContent;
        if (goesOn && response.Content.Headers.ContentRange?.From != from)
        {
            Forget(part);
            throw new IOException("the server went on at another place than asked");
        }

        if (!goesOn)
            from = 0;
        var total = response.Content.Headers.ContentLength is { } length ? from + length : (long?)null;
        if (total > mostBytes)
        {
            Forget(part);
            throw TooLong(address, $"{total} bytes", mostBytes);
        }

        PartState.Write(part, address, response.Headers.ETag);
        await CopyAsync(response, address, mostBytes, part, from, total, cancellationToken);
    }

    private async Task CopyAsync(HttpResponseMessage response, Uri address, long mostBytes, string part, long from, long? total, CancellationToken cancellationToken)
    {
        await using var source = await response.Content.ReadAsStreamAsync(cancellationToken);
        await using var target = new FileStream(part, from > 0 ? FileMode.Append : FileMode.Create, FileAccess.Write, FileShare.None);
        var buffer = new byte[1 << 16];
        var done = from;
        while (true)
        {
            var read = await UnlessSilentAsync(token => source.ReadAsync(buffer, token).AsTask(), cancellationToken);
            if (read == 0)
                break;
            done += read;
            if (done > mostBytes)
            {
                await target.DisposeAsync();
                Forget(part);
                throw TooLong(address, "more than that", mostBytes);
            }

            await target.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            progress?.Report(new DownloadProgress(done, total));
        }

        if (total is { } whole && done != whole)
            throw new IOException($"{done} of {whole} bytes came");
    }

    private async Task<HttpResponseMessage> AnswerAsync(Uri address, long from, PartState? state, CancellationToken cancellationToken)
    {
        var at = address;
        for (var redirects = 0; ; redirects++)
        {
            if (at.Scheme != Uri.UriSchemeHttps && !(at.Scheme == Uri.UriSchemeHttp && at.IsLoopback && address.IsLoopback))
                throw new PullFailedException(address.ToString(), $"the way to {at}", "https all the way");
            using var request = new HttpRequestMessage(HttpMethod.Get, at);
            if (from > 0)
            {
                request.Headers.Range = new RangeHeaderValue(from, null);
                request.Headers.IfRange = new RangeConditionHeaderValue(state!.EntityTag!);
            }

            var response = await UnlessSilentAsync(token => client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, token), cancellationToken);
            if ((int)response.StatusCode is < 300 or >= 400)
                return response;
            using (response)
            {
                if (response.Headers.Location is not { } next || redirects == MostRedirects)
                    throw new PullFailedException(address.ToString(), redirects == MostRedirects ? $"more than {MostRedirects} redirects" : $"status {(int)response.StatusCode} without a place to go", "the file");
                at = new Uri(at, next);
            }
        }
    }

    private async Task<T> UnlessSilentAsync<T>(Func<CancellationToken, Task<T>> wait, CancellationToken cancellationToken)
    {
        using var silence = new CancellationTokenSource(Silence, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, silence.Token);
        try
        {
            return await wait(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"nothing came for {Silence.TotalSeconds:0} s");
        }
    }

    private static PullFailedException TooLong(Uri address, string found, long mostBytes) => new(address.ToString(), found, $"at most {mostBytes} bytes; nothing of it was kept");

    private static long Length(string path) => File.Exists(path) ? new FileInfo(path).Length : 0;

    private static void Forget(string part)
    {
        File.Delete(part);
        File.Delete(StateOf(part));
    }

    private static string StateOf(string part) => part + ".json";

    /// <summary>What a part is a part of: bytes of another address or another version are never continued.</summary>
    private sealed record PartState(string Address, string? EntityTag)
    {
        /// <summary>Null: begin anew. Without a strong entity tag nobody can say that the rest belongs to what is here.</summary>
        public static PartState? Of(string part, Uri address)
        {
            if (!File.Exists(part) || !File.Exists(StateOf(part)))
                return null;
            try
            {
                var state = JsonSerializer.Deserialize<PartState>(File.ReadAllText(StateOf(part)));
                return state is { EntityTag: not null } && state.Address == address.ToString() ? state : null;
            }
            catch (JsonException)
            {
                return null;
            }
        }

        public static void Write(string part, Uri address, EntityTagHeaderValue? tag) =>
            File.WriteAllText(StateOf(part), JsonSerializer.Serialize(new PartState(address.ToString(), tag is { IsWeak: false } ? tag.Tag : null)));
    }
}

/// <summary>How far a download is.</summary>
/// <param name="Total">Null: the server does not say.</param>
internal readonly record struct DownloadProgress(long Done, long? Total);
