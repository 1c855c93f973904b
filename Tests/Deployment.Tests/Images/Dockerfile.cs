namespace Sweep.Deployment.Tests.Images;

/// <summary>A Dockerfile's instructions by stage, with continued lines joined.</summary>
internal sealed class Dockerfile
{
    private Dockerfile(IReadOnlyList<DockerStage> stages) => Stages = stages;

    public IReadOnlyList<DockerStage> Stages { get; }

    public DockerStage Final => Stages[^1];

    public IEnumerable<DockerInstruction> Instructions => Stages.SelectMany(stage => stage.Instructions);

    public static Dockerfile Parse(string text)
    {
        var stages = new List<DockerStage>();
        var continued = "";
        foreach (var line in text.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0 && !line.StartsWith('#')))
        {
            if (line.EndsWith('\\'))
            {
                continued += line[..^1];
                continue;
            }

            var words = (continued + line).Split(' ', 2, StringSplitOptions.TrimEntries);
            continued = "";
            var instruction = new DockerInstruction(words[0].ToUpperInvariant(), words.Length > 1 ? words[1] : "");
            if (instruction.Name == "FROM")
                stages.Add(new DockerStage(instruction.Words[0], instruction.Words.Length == 3 ? instruction.Words[2] : "", []));
            stages[^1].Instructions.Add(instruction);
        }

        return new Dockerfile(stages);
    }
}

/// <param name="Image">What it starts from.</param>
/// <param name="Name">As others copy from it; empty: it has none.</param>
internal sealed record DockerStage(string Image, string Name, List<DockerInstruction> Instructions);

internal sealed record DockerInstruction(string Name, string Rest)
{
    public string[] Words => Rest.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
