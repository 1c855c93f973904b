namespace Sweep.Models.Text;

/// <summary>The files that may hold a model's tokenizer.</summary>
internal static class TokenizerFiles
{
    /// <summary>As Hugging Face's libraries look: tokenizer.json first, which says what the others leave to code.</summary>
    private static readonly string[] Names = ["tokenizer.json", "tekken.json", "tokenizer.model", "tokenizer.model.v3", "tokenizer.model.v2", "tokenizer.model.v1"];

    /// <summary>The folder's tokenizer file; where it has none, the one it should have.</summary>
    public static string Find(string folder) => Names.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists) ?? Path.Combine(folder, Names[0]);

    /// <exception cref="InvalidCheckpointException">There is none, it is broken, or it asks for what is not supported.</exception>
    public static TokenizerDefinition Read(string path)
    {
        if (!File.Exists(path))
            throw new InvalidCheckpointException($"{path}: found no such file, expected a tokenizer.json, a tekken.json or a SentencePiece model (tokenizer.model)");
        if (Path.GetFileName(path) == "tekken.json")
            return TekkenFile.Read(path);
        return path.EndsWith(".json", StringComparison.Ordinal) ? TokenizerFile.Read(path) : SentencePieceFile.Read(path);
    }
}
