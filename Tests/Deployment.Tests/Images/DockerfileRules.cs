using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Sweep.Deployment.Tests.Rules;

namespace Sweep.Deployment.Tests.Images;

/// <summary>What must hold in the Dockerfile and no linter says.</summary>
internal static partial class DockerfileRules
{
    private static readonly string[] Programs = ["Silo", "Cli", "DashboardHost"];

    public static IEnumerable<string> Problems(Dockerfile file, DockerIgnore ignore) =>
        OfImages(file).Concat(OfFinalStage(file)).Concat(OfCopies(file, ignore)).Concat(OfRestore(file));

    private static IEnumerable<string> OfImages(Dockerfile file)
    {
        if (file.Stages.Count < 2)
            yield return "has one stage: the SDK would be in the image";
        foreach (var stage in file.Stages)
        {
            if (!ImageRule.IsPinned(stage.Image) || !stage.Image.EndsWith("-noble", StringComparison.Ordinal))
                yield return $"FROM {stage.Image}: expected a whole version on Ubuntu 24.04 (-noble)";
        }

        var sdk = Version(file.Stages[0].Image);
        using var global = JsonDocument.Parse(File.ReadAllText(Fixtures.Shipped("global.json")));
        var wanted = System.Version.Parse(global.RootElement.GetProperty("sdk").GetProperty("version").GetString()!);
        if (sdk is null || sdk < wanted || (sdk.Major, sdk.Minor) != (wanted.Major, wanted.Minor))
            yield return $"the SDK's image is of version {sdk}, global.json asks for {wanted} or a later {wanted.Major}.{wanted.Minor}";
        if (Version(file.Final.Image) is not { } runtime || (runtime.Major, runtime.Minor) != (wanted.Major, wanted.Minor) || !file.Final.Image.Contains("/aspnet:", StringComparison.Ordinal))
            yield return $"the final image is {file.Final.Image}, expected aspnet of {wanted.Major}.{wanted.Minor}";
        foreach (var instruction in file.Instructions.Where(found => found.Name is "ARG" or "ENV" && Secret().IsMatch(found.Rest)))
            yield return $"{instruction.Name} {instruction.Rest}: a secret in the image's history";
        foreach (var instruction in file.Instructions.Where(found => found.Name is "ADD"))
            yield return $"ADD {instruction.Rest}: fetches or unpacks, expected COPY";
    }

    private static IEnumerable<string> OfFinalStage(Dockerfile file)
    {
        if (file.Stages.SingleOrDefault(stage => stage.Name == "dashboard") is not { } dashboard)
            yield return "there is no stage dashboard";
        else if (dashboard.Instructions.LastOrDefault(found => found.Name == "ENTRYPOINT")?.Rest != $"[\"/app/{Assembly("DashboardHost")}\"]")
            yield return $"ENTRYPOINT of stage dashboard is not /app/{Assembly("DashboardHost")}, the dashboard's program";
        else if (dashboard.Instructions.LastOrDefault(found => found.Name == "USER")?.Rest != file.Final.Instructions.LastOrDefault(found => found.Name == "USER")?.Rest)
            yield return "USER of stage dashboard is not the silo's";
        var user = file.Final.Instructions.LastOrDefault(found => found.Name == "USER")?.Rest;
        if (user is null || !NumericUser().IsMatch(user))
            yield return $"USER is {user ?? "not set"}, expected a number other than 0";
        if (file.Final.Instructions.LastOrDefault(found => found.Name == "ENTRYPOINT")?.Rest != $"[\"/app/{Assembly("Silo")}\"]")
            yield return $"ENTRYPOINT is not /app/{Assembly("Silo")}, the silo's program";
        if (!file.Final.Instructions.Any(found => found.Name == "RUN" && found.Rest == $"ln -s /app/{Assembly("Cli")} /usr/local/bin/sweep"))
            yield return $"sweep is not a link to /app/{Assembly("Cli")}, the command's program";
    }

    private static IEnumerable<string> OfCopies(Dockerfile file, DockerIgnore ignore)
    {
        foreach (var copy in file.Instructions.Where(found => found.Name == "COPY"))
        {
            var from = copy.Words[0].StartsWith("--from=", StringComparison.Ordinal) ? copy.Words[0]["--from=".Length..] : null;
            if (from is not null)
            {
                if (file.Stages.All(stage => stage.Name != from))
                    yield return $"COPY {copy.Rest}: there is no stage {from}";
                continue;
            }

            foreach (var source in copy.Words[..^1].Where(source => source != "."))
            {
                var path = source.TrimEnd('/');
                if (!Path.Exists(Path.Combine(Fixtures.Root, path)))
                    yield return $"COPY {copy.Rest}: {path} does not exist";
                else if (ignore.Ignores(path))
                    yield return $"COPY {copy.Rest}: .dockerignore leaves {path} out";
            }
        }
    }

    /// <summary>Restore and publish need every project that the programs are made of.</summary>
    private static IEnumerable<string> OfRestore(Dockerfile file)
    {
        var copied = file.Instructions.TakeWhile(found => found.Name != "RUN").Where(found => found.Name == "COPY").SelectMany(found => found.Words).ToHashSet();
        foreach (var project in Programs.SelectMany(Closure).Distinct())
        {
            if (!copied.Contains(project))
                yield return $"{project} is not copied before restore";
        }

        foreach (var program in Programs)
        {
            if (!file.Instructions.Any(found => found.Name == "RUN" && found.Rest.Contains($"dotnet publish {program}/Sweep.{program}.csproj", StringComparison.Ordinal)))
                yield return $"{program} is not published";
        }
    }

    private static IEnumerable<string> Closure(string project)
    {
        var path = $"{project}/Sweep.{project}.csproj";
        return XDocument.Load(Path.Combine(Fixtures.Root, path)).Descendants("ProjectReference")
            .Select(reference => reference.Attribute("Include")!.Value.Replace('\\', '/').Split('/')[^2])
            .SelectMany(Closure).Append(path);
    }

    private static string Assembly(string project) =>
        XDocument.Load(Path.Combine(Fixtures.Root, project, $"Sweep.{project}.csproj")).Descendants("AssemblyName").SingleOrDefault()?.Value ?? $"Sweep.{project}";

    private static Version? Version(string image) => System.Version.TryParse(image.Split(':')[^1].Split('-')[0], out var version) ? version : null;

    [GeneratedRegex("PASSWORD|SECRET|TOKEN|CONNECTIONSTRING", RegexOptions.IgnoreCase)]
    private static partial Regex Secret();

    [GeneratedRegex("^[1-9][0-9]*(:[1-9][0-9]*)?$")]
    private static partial Regex NumericUser();
}
