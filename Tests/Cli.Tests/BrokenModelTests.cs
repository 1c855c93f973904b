using System.Text.Json.Nodes;
using Xunit;

namespace Sweep.Cli.Tests;

/// <summary>Model folders that cannot be loaded.</summary>
[Collection(Terminal.Collection)]
public sealed class BrokenModelTests : IDisposable
{
    private readonly Inputs _inputs = new();

    /// <summary>What is wrong with the model folder, and a part of the message.</summary>
    public static TheoryData<string, string> Defects => new()
    {
        { "truncated weights", "model.safetensors" },
        { "empty weights", "model.safetensors" },
        { "wrong shape", "found [44, 384], expected [28, 384]" },
        { "tokenizer without merges", "tokenizer.json" },
        { "no tokenizer", "tokenizer.json" },
        { "another architecture", "model_type: found \"llama\", expected one of those supported: mamba" },
        { "pickled weights only", "pytorch_model.bin" },
        { "no config", "found no config.json" },
        { "config that is a list", "config.json" },
    };

    [Theory]
    [MemberData(nameof(Defects))]
    public async Task Run_BrokenModel_IsRefused(string defect, string message)
    {
        Break(_inputs.At("model"), defect);

        (await Terminal.RunAsync(_inputs.Words("run ./plan.yaml --store ./s.db"))).Refuses(message);
    }

    public void Dispose() => _inputs.Dispose();

    private static void Break(string model, string defect)
    {
        string At(string name) => Path.Combine(model, name);
        switch (defect)
        {
            case "truncated weights":
                using (var weights = new FileStream(At("model.safetensors"), FileMode.Open))
                    weights.SetLength(weights.Length - 1000);
                break;
            case "empty weights":
                File.WriteAllBytes(At("model.safetensors"), []);
                break;
            case "wrong shape":
                Edit(At("config.json"), config => config["state_size"] = 8);
                break;
            case "tokenizer without merges":
                Edit(At("tokenizer.json"), tokenizer => tokenizer["model"]!.AsObject().Remove("merges"));
                break;
            case "no tokenizer":
                File.Delete(At("tokenizer.json"));
                break;
            case "another architecture":
                Edit(At("config.json"), config => config["model_type"] = "llama");
                break;
            case "pickled weights only":
                File.Move(At("model.safetensors"), At("pytorch_model.bin"));
                break;
            case "no config":
                File.Delete(At("config.json"));
                break;
            case "config that is a list":
                File.WriteAllText(At("config.json"), "[]");
                break;
            default:
                throw new ArgumentException(defect);
        }
    }

    private static void Edit(string path, Action<JsonObject> edit)
    {
        var document = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        edit(document);
        File.WriteAllText(path, document.ToJsonString());
    }
}
