using System.Net;
using System.Net.Http.Headers;
using Sweep.Contracts.Plans;

namespace Sweep.Execution.Hub;

/// <summary>Asks the hub, follows its redirects where they may lead, and tells the token to nobody else.</summary>
internal sealed class HubConnection(HttpClient client, HubOptions options, string? token, TimeProvider time)
{
    private const int MostRedirects = 5;
    private const int MostAttempts = 5;
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(60);
    private static readonly Uri AnyBase = new("https://hub.invalid/");
    private readonly string _endpoint = options.Endpoint.TrimEnd('/');
    private readonly HubRoute _route = new(new Uri(options.Endpoint), options.Redirects);

    public string Endpoint => _endpoint;

    /// <exception cref="HubFailedException">There is no such model or revision, or the hub cannot be reached.</exception>
    public async Task<HubListing> ListAsync(HubModel model, CancellationToken cancellationToken)
    {
        var address = new Uri($"{_endpoint}/api/models/{model.Repository}/revision/{Uri.EscapeDataString(model.Revision)}?blobs=true");
        var json = await RetryAsync(address, () => ReadSmallAsync(address, cancellationToken), cancellationToken);
        return HubListing.Parse(json, address.ToString(), model);
    }

    public Uri AddressOf(HubModel pinned, HubFile file) => new($"{_endpoint}/{pinned.Repository}/resolve/{pinned.Revision}/{Uri.EscapeDataString(file.Name)}");

    /// <summary>Opens a file of a commit.</summary>
    /// <param name="address">Its address.</param>
    /// <param name="from">The byte to begin at; the answer may begin at 0 all the same.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="HubFailedException">An answer that another attempt would repeat.</exception>
    public async Task<HubAnswer> OpenAsync(Uri address, long from, CancellationToken cancellationToken)
    {
        var at = address;
        string? tag = null;
        for (var redirects = 0; ; redirects++)
        {
            var response = await SendAsync(address, at, from, cancellationToken);
            if (_route.IsEndpoint(at))
                tag ??= Tag(response);
            if ((int)response.StatusCode is < 300 or >= 400)
                return new HubAnswer(response, tag);
            using (response)
            {
                if (redirects == MostRedirects)
                    throw new HubFailedException(address.ToString(), $"more than {MostRedirects} redirects", "the file");
                if (response.Headers.TryGetValues("Location", out var locations) && Uri.TryCreate(at, locations.First(), out var next))
                    at = next;
                else
                    throw new HubFailedException(address.ToString(), $"status {(int)response.StatusCode} without a place to go", "the file");
            }
        }
    }

    /// <summary>Waits for something from the network, but not for ever.</summary>
    public async Task<T> UnlessSilentAsync<T>(Func<CancellationToken, Task<T>> wait, CancellationToken cancellationToken)
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

    /// <summary>Tries again after what may be over in a moment, with growing pauses.</summary>
    /// <param name="address">For the message.</param>
    /// <param name="attempt">One attempt.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <param name="progress">How much there is: attempts count that brought nothing.</param>
    public async Task<T> RetryAsync<T>(Uri address, Func<Task<T>> attempt, CancellationToken cancellationToken, Func<long>? progress = null)
    {
        for (var tries = 1; ; tries++)
        {
            var before = progress?.Invoke();
            try
            {
                return await attempt();
            }
            catch (Exception broken) when (broken is HttpRequestException or IOException or TimeoutException)
            {
                if (progress?.Invoke() > before)
                    tries = 0;
                if (tries == MostAttempts)
                    throw new HubFailedException(address.ToString(), $"{broken.Message.TrimEnd('.')}, {MostAttempts} times", "an answer; what came is kept, the same command goes on with it");
                await Task.Delay(TimeSpan.FromSeconds(1 << tries), time, cancellationToken);
            }
        }
    }

    /// <exception cref="HubFailedException">Another attempt would be answered so, too.</exception>
    /// <exception cref="IOException">It may be over in a moment.</exception>
    public static void RequireSuccess(Uri address, HttpResponseMessage response)
    {
        var status = (int)response.StatusCode;
        switch (response.StatusCode)
        {
            case HttpStatusCode.OK or HttpStatusCode.PartialContent:
                return;
            case HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout:
            case >= HttpStatusCode.InternalServerError:
                throw new IOException($"status {status}");
            case HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden:
                throw new HubFailedException(address.ToString(), $"status {status}", $"200: it is not there, not public, or its terms are not accepted; a token is taken from ${HubOptions.TokenVariable}");
            default:
                throw new HubFailedException(address.ToString(), $"status {status}", "200");
        }
    }

    private async Task<byte[]> ReadSmallAsync(Uri address, CancellationToken cancellationToken)
    {
        using var answer = await OpenAsync(address, 0, cancellationToken);
        RequireSuccess(address, answer.Response);
        await using var stream = await answer.Response.Content.ReadAsStreamAsync(cancellationToken);
        var content = new MemoryStream();
        var buffer = new byte[1 << 14];
        while (await UnlessSilentAsync(token => stream.ReadAsync(buffer, token).AsTask(), cancellationToken) is var read && read > 0)
        {
            if (content.Length + read > HubListing.MostBytes)
                throw new HubFailedException(address.ToString(), $"more than {HubListing.MostBytes} bytes", "a listing of at most so many");
            content.Write(buffer, 0, read);
        }

        return content.ToArray();
    }

    private async Task<HttpResponseMessage> SendAsync(Uri asked, Uri at, long from, CancellationToken cancellationToken)
    {
        if (!_route.Allows(at))
        {
            // A signed address is a secret for as long as it is good.
            var where = at.IsAbsoluteUri ? $"{at.Scheme}://{at.Authority}{at.AbsolutePath}" : AnyBase.MakeRelativeUri(at).ToString();
            throw new HubFailedException(asked.ToString(), $"the way to {where}", $"{_endpoint} or a host of {HubOptions.Key}:{nameof(HubOptions.RedirectHosts)} ({(options.Redirects.Count == 0 ? "none" : string.Join(", ", options.Redirects))})");
        }

        using var request = new HttpRequestMessage(HttpMethod.Get, at);
        request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("identity"));
        if (from > 0)
            request.Headers.Range = new RangeHeaderValue(from, null);
        if (token is not null && _route.IsEndpoint(at))
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return await UnlessSilentAsync(cancellation => client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation), cancellationToken);
    }

    /// <summary>The content's hash where the hub's entity tag is one.</summary>
    private static string? Tag(HttpResponseMessage response)
    {
        foreach (var name in (string[])["X-Linked-Etag", "ETag"])
        {
            if (response.Headers.TryGetValues(name, out var values))
            {
                var tag = values.First().Trim();
                tag = (tag.StartsWith("W/", StringComparison.Ordinal) ? tag[2..] : tag).Trim('"').ToLowerInvariant();
                return tag.Length is 40 or 64 && tag.All(char.IsAsciiHexDigitLower) ? tag : null;
            }
        }

        return null;
    }
}

/// <summary>An answer, its head read.</summary>
/// <param name="Response">To be disposed.</param>
/// <param name="Tag">A hash of the content, from the hub's own entity tag; null: it gives none.</param>
internal sealed record HubAnswer(HttpResponseMessage Response, string? Tag) : IDisposable
{
    public void Dispose() => Response.Dispose();
}
