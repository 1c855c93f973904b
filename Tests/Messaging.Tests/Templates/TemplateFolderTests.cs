using System.Text.Json;
using Microsoft.Extensions.Options;
using Sweep.Contracts.Messages;
using Sweep.Contracts.Plans;
using Sweep.Hosting.Messaging;
using Sweep.Hosting.Messaging.Templates;
using Sweep.Tests;
using Xunit;

namespace Sweep.Messaging.Tests.Templates;

public sealed class TemplateFolderTests
{
    [Fact]
    public void ShippedTemplate_WithTheDocumentedParameters_MakesAPlan()
    {
        var command = JsonSerializer.Deserialize<RunExperiment>(DocumentedMessages.Examples["RunExperiment"], MessageJson.Options)!;

        var submitted = SubmissionReader.Read(command, Folder(Fixtures.Shipped("plans", "templates")).Read);

        Assert.Equal(("steer-mamba-mini-2", "ada", 24), (submitted.Plan.Name, submitted.Plan.Owner, submitted.Plan.Benchmarks[0].Items));
        Assert.Equal([3, 5, 8], submitted.Plan.Bottlenecks[0].Channels.Explicit);
    }

    [Theory]
    [InlineData("../secret")]
    [InlineData("sub/secret")]
    [InlineData("..")]
    [InlineData(".hidden")]
    [InlineData("")]
    [InlineData("a\0b")]
    public void Read_OfANameThatIsAPath_IsRefused(string name)
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(Path.Combine(folder.Path, "templates", "sub"));
        folder.Write("secret.yaml", "plan: {}");
        folder.Write("templates/sub/secret.yaml", "plan: {}");
        folder.Write("templates/.hidden.yaml", "plan: {}");

        var refused = Assert.Throws<InvalidPlanException>(() => Folder(Path.Combine(folder.Path, "templates")).Read(name));

        Assert.StartsWith("template: found '", Assert.Single(refused.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_OfALinkThatLeadsOut_IsRefused_AndOfOneThatStaysInside_IsRead()
    {
        using var folder = new TemporaryFolder();
        var templates = Directory.CreateDirectory(Path.Combine(folder.Path, "templates")).FullName;
        folder.Write("outside.yaml", "plan: { name: outside }");
        // As Kubernetes mounts a ConfigMap: the file is a link through a linked folder.
        Directory.CreateDirectory(Path.Combine(templates, "..data-1"));
        folder.Write("templates/..data-1/inside.yaml", "plan: { name: inside }");
        Directory.CreateSymbolicLink(Path.Combine(templates, "..data"), "..data-1");
        File.CreateSymbolicLink(Path.Combine(templates, "inside.yaml"), Path.Combine("..data", "inside.yaml"));
        File.CreateSymbolicLink(Path.Combine(templates, "outside.yaml"), Path.Combine("..", "outside.yaml"));

        Assert.Empty(Folder(templates).Read("inside").Parameters);
        Assert.Equal(
            ["template: found no template 'outside', expected inside"],
            Assert.Throws<InvalidPlanException>(() => Folder(templates).Read("outside")).Problems);
    }

    [Fact]
    public void Read_OfAnUnknownName_NamesThoseThatAreThere()
    {
        using var folder = new TemporaryFolder();
        folder.Write("one.yaml", "plan: {}");
        folder.Write("two.yaml", "plan: {}");

        Assert.Equal(["template: found no template 'three', expected one, two"], Assert.Throws<InvalidPlanException>(() => Folder(folder.Path).Read("three")).Problems);
    }

    [Fact]
    public void Read_WithoutAFolder_NamesTheSetting() =>
        Assert.Equal(["template: found no templates here, expected Sweep:Messaging:Templates to name their folder"], Assert.Throws<InvalidPlanException>(() => Folder(null).Read("any")).Problems);

    private static TemplateFolder Folder(string? path) => new(Options.Create(new MessagingOptions { Templates = path }));
}
