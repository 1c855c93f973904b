using Sweep.Deployment.Tests.Manifests;
using Sweep.Deployment.Tests.Schemas;
using Xunit;

namespace Sweep.Deployment.Tests.Images;

/// <summary>The Dockerfile is one that builders understand, keeps our rules, and agrees with the manifests; each rule is shown to fail.</summary>
public sealed class DockerfileTests
{
    private static readonly string Text = File.ReadAllText(Fixtures.Shipped("Dockerfile"));
    private static readonly string IgnoreText = File.ReadAllText(Fixtures.Shipped(".dockerignore"));

    [Fact]
    public async Task Dockerfile_Linter_HasNoProblem() => Assert.Empty((await SchemaCheck.AskAsync("dockerfile", Text)).Problems);

    [Fact]
    public async Task Linter_UnknownInstruction_IsNoticed() => Assert.NotEmpty((await SchemaCheck.AskAsync("dockerfile", Text.Replace("EXPOSE", "EXPOSED", StringComparison.Ordinal))).Problems);

    [Fact]
    public void Dockerfile_Rules_HaveNoProblem() => Assert.Empty(DockerfileRules.Problems(Dockerfile.Parse(Text), new DockerIgnore(IgnoreText)));

    [Theory]
    [InlineData("sdk:10.0.401-noble", "sdk:latest", "FROM mcr.microsoft.com/dotnet/sdk:latest")]
    [InlineData("sdk:10.0.401-noble", "sdk:9.0.301-noble", "version 9.0.301")]
    [InlineData("aspnet:10.0.12-noble", "aspnet:10.0-bookworm-slim", "FROM mcr.microsoft.com/dotnet/aspnet:10.0-bookworm-slim")]
    [InlineData("dotnet/aspnet:", "dotnet/runtime:", "expected aspnet")]
    [InlineData("ARG Version", "ARG DatabasePassword", "a secret in the image's history")]
    [InlineData("COPY models/", "ADD models/", "ADD models/")]
    [InlineData("USER 1654:1654", "USER root", "USER is root")]
    [InlineData("USER 1654:1654", "USER 0", "USER is 0")]
    [InlineData("[\"/app/Sweep.Silo\"]", "[\"/app/Silo\"]", "ENTRYPOINT is not /app/Sweep.Silo")]
    [InlineData("/app/Sweep.Cli /usr", "/app/sweep /usr", "sweep is not a link")]
    [InlineData("COPY --from=build /app/", "COPY --from=publish /app/", "there is no stage publish")]
    [InlineData("COPY plans/ plans/", "COPY plan/ plans/", "plan does not exist")]
    [InlineData("COPY plans/ plans/", "COPY docs/ plans/", ".dockerignore leaves docs out")]
    [InlineData("COPY Grains/Sweep.Grains.csproj Grains/\n", "", "Grains/Sweep.Grains.csproj is not copied before restore")]
    [InlineData("[\"/app/Sweep.DashboardHost\"]", "[\"/app/Sweep.Silo\"]", "ENTRYPOINT of stage dashboard is not /app/Sweep.DashboardHost")]
    [InlineData("AS dashboard\nENV HOME=/tmp\nCOPY --from=build /dashboard/ /app/\nUSER 1654:1654", "AS dashboard\nCOPY --from=build /dashboard/ /app/", "USER of stage dashboard is not the silo's")]
    [InlineData("dotnet publish DashboardHost", "dotnet build DashboardHost", "DashboardHost is not published")]
    [InlineData("dotnet publish Cli", "dotnet build Cli", "Cli is not published")]
    public void Rules_BrokenText_IsNoticed(string from, string to, string expected)
    {
        Assert.Contains(from, Text, StringComparison.Ordinal);
        var broken = Dockerfile.Parse(Text.Replace(from, to, StringComparison.Ordinal));
        Assert.Contains(DockerfileRules.Problems(broken, new DockerIgnore(IgnoreText)), problem => problem.Contains(expected, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Silo/Program.cs", false)]
    [InlineData("models/mamba-mini/model.safetensors", false)]
    [InlineData("Silo/bin/Release/net10.0/Sweep.Silo", true)]
    [InlineData("Hosting/obj/project.assets.json", true)]
    [InlineData(".env", true)]
    [InlineData(".git/config", true)]
    [InlineData(".sweep/sweep.db", true)]
    [InlineData("Tests/Deployment.Tests/Tool.cs", true)]
    public void DockerIgnore_Path_IsLeftOut(string path, bool isLeftOut) => Assert.Equal(isLeftOut, new DockerIgnore(IgnoreText).Ignores(path));

    /// <summary>A user of another number could not read what fsGroup gives to this one.</summary>
    [Theory]
    [InlineData("dev")]
    [InlineData("prod")]
    public async Task User_OfTheImage_IsTheManifests(string overlay)
    {
        var user = long.Parse(Dockerfile.Parse(Text).Final.Instructions.Last(found => found.Name == "USER").Rest.Split(':')[0], System.Globalization.CultureInfo.InvariantCulture);
        var manifests = await ManifestSet.LoadAsync(overlay);
        Assert.All(manifests.Workloads.Where(workload => workload.Labels["app.kubernetes.io/name"] == "sweep"), workload => Assert.Equal(user, workload.Pod.SecurityContext.RunAsUser));
    }

    [Fact]
    public async Task Expose_Ports_AreTheSilos()
    {
        var exposed = Dockerfile.Parse(Text).Final.Instructions.Single(found => found.Name == "EXPOSE").Words.Order(StringComparer.Ordinal);
        var silo = (await ManifestSet.LoadAsync("prod")).WorkloadNamed("sweep-coordinator");
        Assert.Equal(silo.Container.Ports.Select(port => $"{port.ContainerPort}").Order(StringComparer.Ordinal), exposed);
    }
}
