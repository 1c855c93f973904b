using YamlDotNet.Core;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace Sweep.Deployment.Tests.Compose;

/// <summary>compose.yaml, the fields that ours may use; any other is an exception.</summary>
internal sealed class ComposeFile
{
    public string Name { get; set; } = "";

    public Dictionary<string, ComposeService> Services { get; set; } = [];

    public Dictionary<string, object?> Volumes { get; set; } = [];

    /// <summary>What services merge into themselves.</summary>
    [YamlMember(Alias = "x-hardened", ApplyNamingConventions = false)]
    public ComposeService? Hardened { get; set; }

    public static ComposeFile Parse(string text)
    {
        // A key beside the one that is merged in overrides it; that is no double one.
        _ = new DeserializerBuilder().WithDuplicateKeyChecking().Build().Deserialize<object>(text);
        return new DeserializerBuilder().WithNamingConvention(UnderscoredNamingConvention.Instance).Build().Deserialize<ComposeFile>(new MergingParser(new Parser(new StringReader(text))));
    }
}

internal sealed class ComposeService
{
    public string? Image { get; set; }

    public ComposeBuild? Build { get; set; }

    public string? User { get; set; }

    public string? Hostname { get; set; }

    public List<string> Entrypoint { get; set; } = [];

    public List<string> Command { get; set; } = [];

    public Dictionary<string, string> Environment { get; set; } = [];

    public List<string> Ports { get; set; } = [];

    public List<string> Volumes { get; set; } = [];

    public List<string> Tmpfs { get; set; } = [];

    public bool ReadOnly { get; set; }

    public List<string> CapDrop { get; set; } = [];

    public List<string> SecurityOpt { get; set; } = [];

    public string? Restart { get; set; }

    public string? StopGracePeriod { get; set; }

    public ComposeDeploy? Deploy { get; set; }

    public ComposeHealthcheck? Healthcheck { get; set; }

    public Dictionary<string, ComposeDependency> DependsOn { get; set; } = [];
}

internal sealed class ComposeBuild
{
    public string? Context { get; set; }

    public string? Target { get; set; }

    public Dictionary<string, string> Args { get; set; } = [];
}

internal sealed class ComposeDeploy
{
    public int Replicas { get; set; }
}

internal sealed class ComposeHealthcheck
{
    public List<string> Test { get; set; } = [];

    public string? Interval { get; set; }

    public string? Timeout { get; set; }

    public int Retries { get; set; }
}

internal sealed class ComposeDependency
{
    public string Condition { get; set; } = "";
}
