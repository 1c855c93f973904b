using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Xunit;

namespace Sweep.Dashboard.Tests.Api;

/// <summary>Short forms of calls and of what they must answer.</summary>
internal static class ApiCalls
{
    public static HttpRequestMessage Plan(string text, string type = "application/yaml", string? key = null) => Plan(Encoding.UTF8.GetBytes(text), type, key);

    public static HttpRequestMessage Plan(byte[] body, string type = "application/yaml", string? key = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/sweeps") { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        if (key is not null)
            request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        return request;
    }

    public static async Task<JsonNode> JsonAsync(this HttpClient client, string path)
    {
        var answer = await client.GetAsync(path, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
    }

    /// <summary>The answer as a problem document that says its own status.</summary>
    public static async Task<JsonNode> ProblemAsync(this HttpResponseMessage answer, HttpStatusCode status)
    {
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.StatusCode == status, $"found {answer.StatusCode}, expected {status}: {text}");
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        var problem = JsonNode.Parse(text)!;
        Assert.Equal((int)status, (int)problem["status"]!);
        Assert.False(string.IsNullOrEmpty((string?)problem["detail"]), text);
        Assert.DoesNotContain("   at ", text, StringComparison.Ordinal);
        return problem;
    }
}
