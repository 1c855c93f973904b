using System.Text.Json;
using Sweep.Models.Checkpoints;

namespace Sweep.Models.Architectures;

/// <summary>
/// Reads config.json: that of transformers, which names its model_type, or that of the original state-spaces repository, which names d_model and n_layer. Absent fields with one
/// sensible value take transformers' (or the original's) defaults; sizes that name the model are required.
/// </summary>
internal static class ConfigFile
{
    private const long MaxBytes = 1_000_000;

    /// <exception cref="InvalidCheckpointException">One error that names every field that is missing or out of range.</exception>
    public static ModelConfig Read(string path)
    {
        using var document = JsonFile.Read(path, MaxBytes, JsonValueKind.Object);
        var root = document.RootElement;
        var problems = new ProblemList();
        var fields = new ConfigFields(root, problems);
        ModelConfig config;
        if (fields.Find("model_type") is null && OriginalConfig.Is(fields))
        {
            config = OriginalConfig.Read(path, fields, problems);
        }
        else
        {
            var architecture = fields.Text("model_type") is { } type ? ArchitectureCatalog.Find(type) : null;
            if (architecture is null)
            {
                var found = fields.Find("model_type") is { } value ? JsonFile.Show(value) : "none";
                throw new InvalidCheckpointException($"{path}: model_type: found {found}, expected one of those supported: {ArchitectureCatalog.Names}");
            }

            config = architecture.ReadConfig(fields);
        }

        problems.ThrowIfAny(path);
        return config;
    }
}
