using System.Net;
using System.Text.RegularExpressions;
using Xunit;

namespace Sweep.Cluster.Tests.Processes;

/// <summary>A silo.</summary>
internal sealed partial class SiloProcess : BuiltProgram
{
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(20) };
    private readonly TaskCompletionSource<Uri> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private SiloProcess(string name, IReadOnlyDictionary<string, string> variables)
        : base("Silo", variables) => Name = name;

    public string Name { get; }

    public static SiloProcess Start(string name, IReadOnlyDictionary<string, string> variables) => new(name, variables);

    /// <summary>Waits until it is a member of its cluster and answers.</summary>
    public async Task<SiloProcess> ReadyAsync()
    {
        var exit = ExitAsync();
        if (await Task.WhenAny(_address.Task, exit) == exit)
            throw new InvalidOperationException($"silo {Name} ended with {await exit}; it said at last:\n{Said}");
        using var interval = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            var answer = await GetAsync("/health/ready");
            if (answer.Status == HttpStatusCode.OK)
                return this;
            Assert.False(patience.IsCancellationRequested, $"silo {Name} is not ready: {answer.Body}");
            await interval.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }

    public async Task<(HttpStatusCode Status, string Body)> GetAsync(string path, string? authorization = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(await _address.Task.WaitAsync(Patience), path));
        if (authorization is not null)
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        using var response = await Http.SendAsync(request, TestContext.Current.CancellationToken);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>The metrics, by name and labels as Prometheus gets them, without the scope.</summary>
    public async Task<IReadOnlyDictionary<string, double>> ReadMetricsAsync() => PrometheusText.Parse((await GetAsync("/metrics")).Body);

    protected override void OnLine(string line)
    {
        if (Listening().Match(line) is { Success: true } match)
            _address.TrySetResult(new Uri(match.Groups[1].Value));
    }

    [GeneratedRegex("Now listening on: (http://[0-9.]+:[0-9]+)")]
    private static partial Regex Listening();
}
