using System.Text.RegularExpressions;

namespace Sweep.Execution.Hub;

/// <summary>Which files of a repository make a model: weights as safetensors, JSON, tokenizers. Code and pickles are never fetched.</summary>
internal static partial class HubSelection
{
    /// <summary>What the cache itself writes beside the files.</summary>
    public const string Manifest = "sweep-model.json";

    private const string SingleWeights = "model.safetensors";

    /// <exception cref="HubFailedException">There is no model in it that could be loaded.</exception>
    public static (IReadOnlyList<HubFile> Wanted, IReadOnlyList<HubFile> LeftOut) Of(HubListing listing, string place)
    {
        var kinds = listing.Files.Where(file => IsKind(file.Name)).ToList();
        var weights = kinds.Where(IsWeights).ToList();

        // What is not named as Hugging Face's libraries name weights is another copy of them.
        if (weights.Exists(file => IsShard(file.Name)))
            kinds.RemoveAll(file => IsWeights(file) && !IsShard(file.Name));
        if (weights.Count == 0)
        {
            var pickles = listing.Files.Where(file => file.Name.EndsWith(".bin", StringComparison.Ordinal) || file.Name.EndsWith(".pt", StringComparison.Ordinal)).Select(file => file.Name).ToArray();
            throw new HubFailedException(
                place,
                pickles.Length > 0 ? $"{string.Join(", ", pickles.Take(3))}, which are pickles, and no weights else" : "no weights",
                "*.safetensors; pickled weights are never loaded (docs/models.md says how to convert them)");
        }

        if (!kinds.Exists(file => file.Name == "config.json"))
            throw new HubFailedException(place, "no config.json", "one");
        foreach (var twice in kinds.GroupBy(file => file.Name, StringComparer.OrdinalIgnoreCase).Where(group => group.Count() > 1))
            throw new HubFailedException(place, $"two files called {twice.Key}", "names that differ");
        if (kinds.Find(file => file.Bytes < 0) is { } unknown)
            throw new HubFailedException(place, $"no size of {unknown.Name}", "the size of every file (blobs=true)");
        return ([.. kinds.OrderBy(file => file.Name, StringComparer.Ordinal)], [.. listing.Files.Except(kinds)]);
    }

    /// <summary>Only names of files in the repository's root: nothing in it becomes a path.</summary>
    private static bool IsKind(string name) =>
        Plain.IsMatch(name) && name != Manifest
        && (name.EndsWith(".safetensors", StringComparison.Ordinal) || name.EndsWith(".json", StringComparison.Ordinal) || name.StartsWith("tokenizer.model", StringComparison.Ordinal) || name is "merges.txt" or "vocab.txt");

    private static bool IsWeights(HubFile file) => file.Name.EndsWith(".safetensors", StringComparison.Ordinal);

    private static bool IsShard(string name) => name == SingleWeights || Shard.IsMatch(name);

    [GeneratedRegex(@"\A[A-Za-z0-9_][A-Za-z0-9._-]{0,127}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Plain { get; }

    [GeneratedRegex(@"\Amodel-[0-9]{5}-of-[0-9]{5}\.safetensors\z", RegexOptions.CultureInvariant)]
    private static partial Regex Shard { get; }
}
