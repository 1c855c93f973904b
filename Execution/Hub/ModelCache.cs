using System.Text.Json;
using System.Text.Json.Serialization;
using Sweep.Contracts.Json;
using Sweep.Contracts.Plans;

namespace Sweep.Execution.Hub;

/// <summary>
/// The models that were fetched. Contents lie once each, under their SHA-256, in blobs/ (git/ says which of them Git's hashes mean); models/ORG/NAME/COMMIT is a folder of links to them, refs/ beside it says which commit a branch was.
/// Everything appears whole, by a rename; processes share it through locks that end with them.
/// </summary>
public sealed class ModelCache
{
    private const int MostManifestBytes = 4 << 20;
    private readonly string _root;

    /// <param name="root">Its folder, made when something is fetched.</param>
    public ModelCache(string root) => _root = Path.GetFullPath(root);

    public string Root => _root;

    /// <summary>The model's folder; null: the cache does not hold it whole.</summary>
    public CachedModel? Find(HubModel model)
    {
        var commit = model.IsPinned ? model.Revision : ReadRef(model);
        return commit is null ? null : Read(ModelFolder(model), commit);
    }

    /// <summary>All models that are here whole, by name and commit.</summary>
    public IReadOnlyList<CachedModel> List()
    {
        var models = Path.Combine(_root, "models");
        if (!Directory.Exists(models))
            return [];
        return
        [
            .. Directory.EnumerateDirectories(models).SelectMany(Directory.EnumerateDirectories)
                .SelectMany(folder => Directory.EnumerateDirectories(folder).Select(Path.GetFileName).OfType<string>().Where(HubModel.IsCommit).Select(commit => Read(folder, commit)))
                .OfType<CachedModel>()
                .OrderBy(model => model.Provenance.Repository, StringComparer.Ordinal).ThenBy(model => model.Provenance.Commit, StringComparer.Ordinal),
        ];
    }

    /// <summary>Downloads that are not complete: how many, and their bytes.</summary>
    public (int Count, long Bytes) Parts()
    {
        var parts = FilesOf("parts");
        return (parts.Length, parts.Sum(part => part.Length));
    }

    /// <summary>Reads every file of the model again; the differences, each as place, found and expected.</summary>
    public async Task<IReadOnlyList<string>> VerifyAsync(CachedModel model, CancellationToken cancellationToken)
    {
        var problems = new List<string>();
        foreach (var file in model.Provenance.Files)
        {
            var path = Path.Combine(model.Folder, file.Name);
            if (!File.Exists(path))
                problems.Add($"{path}: found no such file, expected SHA-256 {file.Sha256}");
            else if ((await BlobDownload.HashAsync(path, withGit: false, cancellationToken)).Sha256 is var found && found != file.Sha256)
                problems.Add($"{path}: found SHA-256 {found}, expected {file.Sha256}");
        }

        return problems;
    }

    /// <summary>Removes models, and contents that no model that stays has; all parts too, when asked.</summary>
    /// <returns>Bytes that are free again.</returns>
    /// <exception cref="HubFailedException">A model is being fetched.</exception>
    public long Remove(IReadOnlyList<CachedModel> models, bool parts)
    {
        using var alone = FileLock.TryTake(CacheLock, shared: false) ?? throw new HubFailedException(_root, "a model that is being fetched", "nobody else at work in the cache; try again when it is done");
        foreach (var model in models)
        {
            var parent = Path.GetDirectoryName(model.Folder)!;
            foreach (var reference in Refs(parent).Where(reference => reference.Commit == model.Provenance.Commit))
                File.Delete(reference.Path);

            // First out of sight, then away: nobody finds half of it.
            var gone = Path.Combine(parent, $".gone-{Guid.NewGuid():N}");
            Directory.Move(model.Folder, gone);
            Directory.Delete(gone, recursive: true);
        }

        var kept = List().SelectMany(model => model.Provenance.Files).Select(file => file.Sha256).ToHashSet(StringComparer.Ordinal);
        var free = 0L;
        foreach (var note in FilesOf("git").Where(note => !kept.Contains(File.ReadAllText(note.FullName))))
            note.Delete();
        foreach (var file in FilesOf("blobs").Where(file => !kept.Contains(file.Name)).Concat(parts ? FilesOf("parts") : []))
        {
            free += file.Length;
            file.Delete();
        }

        return free;
    }

    /// <summary>While it is held, nothing is removed.</summary>
    internal Task<FileLock> ShareAsync(TimeProvider time, CancellationToken cancellationToken) => FileLock.TakeAsync(CacheLock, shared: true, time, cancellationToken);

    internal string LockOf(string identity) => Path.Combine(_root, "locks", identity);

    internal string PartOf(string identity) => Path.Combine(_root, "parts", identity);

    internal long PartBytes(HubFile file) => file.Identity is { } identity && new FileInfo(PartOf(identity)) is { Exists: true } part ? Math.Min(part.Length, file.Bytes) : 0;

    /// <summary>SHA-256 of the file's content where that is here; null: it is not, or not known to be.</summary>
    internal string? FindBlob(HubFile file)
    {
        var sha256 = file.Sha256;
        if (sha256 is null && file.GitHash is { } git && new FileInfo(GitOf(git)) is { Exists: true, Length: 64 } note)
            sha256 = File.ReadAllText(note.FullName);
        return sha256 is not null && new FileInfo(BlobOf(sha256)) is { Exists: true } blob && blob.Length == file.Bytes ? sha256 : null;
    }

    /// <summary>A checked part becomes a content; one that is known by Git's hash is found by it again.</summary>
    internal string Keep(string part, HubFile file, string sha256)
    {
        var blob = BlobOf(sha256);
        Directory.CreateDirectory(Path.GetDirectoryName(blob)!);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(part, UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        File.Move(part, blob, overwrite: true);
        if (file.Sha256 is null)
            Write(GitOf(file.GitHash!), sha256);
        return sha256;
    }

    /// <summary>All files are here: the model appears, and its revision names it.</summary>
    internal CachedModel Add(HubProvenance provenance, DateTimeOffset now)
    {
        var model = new HubModel(provenance.Repository.Split('/')[0], provenance.Repository.Split('/')[1], provenance.Revision);
        var parent = ModelFolder(model);
        var folder = Path.Combine(parent, provenance.Commit);
        if (Read(parent, provenance.Commit) is null)
        {
            var made = Path.Combine(parent, $".new-{Guid.NewGuid():N}");
            Directory.CreateDirectory(made);
            foreach (var file in provenance.Files)
                File.CreateSymbolicLink(Path.Combine(made, file.Name), Path.Combine("..", "..", "..", "..", "blobs", file.Sha256));
            File.WriteAllText(Path.Combine(made, HubSelection.Manifest), JsonSerializer.Serialize(new Manifest { Provenance = provenance, PulledAt = now }, SweepJson.Indented));
            Place(made, folder);
        }

        if (!model.IsPinned)
            WriteRef(model, provenance.Commit);
        return Read(parent, provenance.Commit) ?? throw new HubFailedException(folder, "a folder that is no model of this cache", "none, or one that was pulled; remove it");
    }

    /// <summary>A branch is at this commit now.</summary>
    internal void WriteRef(HubModel model, string commit) => Write(RefOf(model), commit);

    private FileInfo[] FilesOf(string folder) => new DirectoryInfo(Path.Combine(_root, folder)) is { Exists: true } there ? there.GetFiles() : [];

    private string CacheLock => Path.Combine(_root, "locks", "cache");

    private string BlobOf(string sha256) => Path.Combine(_root, "blobs", sha256);

    private string GitOf(string hash) => Path.Combine(_root, "git", hash);

    private string ModelFolder(HubModel model) => Path.Combine(_root, "models", model.Organisation, model.Name);

    // A branch's name may have slashes, a file's may not; '%' is in neither.
    private string RefOf(HubModel model) => Path.Combine(ModelFolder(model), "refs", Uri.EscapeDataString(model.Revision));

    private string? ReadRef(HubModel model) => Refs(ModelFolder(model)).FirstOrDefault(reference => reference.Path == RefOf(model)).Commit;

    private static IEnumerable<(string Path, string Revision, string Commit)> Refs(string parent)
    {
        var folder = Path.Combine(parent, "refs");
        foreach (var file in Directory.Exists(folder) ? new DirectoryInfo(folder).GetFiles() : [])
        {
            if (file.Length == 40 && File.ReadAllText(file.FullName) is var commit && HubModel.IsCommit(commit))
                yield return (file.FullName, Uri.UnescapeDataString(file.Name), commit);
        }
    }

    private static void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var made = $"{path}.{Guid.NewGuid():N}";
        File.WriteAllText(made, text);
        File.Move(made, path, overwrite: true);
    }

    private static void Place(string made, string folder)
    {
        try
        {
            Directory.Move(made, folder);
        }
        catch (IOException) when (Directory.Exists(folder))
        {
            // Another process was as fast.
            Directory.Delete(made, recursive: true);
        }
    }

    /// <summary>Null: there is none, or a file of it is gone.</summary>
    private static CachedModel? Read(string parent, string commit)
    {
        var folder = Path.Combine(parent, commit);
        var path = new FileInfo(Path.Combine(folder, HubSelection.Manifest));
        if (!path.Exists || path.Length > MostManifestBytes)
            return null;
        try
        {
            var manifest = JsonSerializer.Deserialize<Manifest>(File.ReadAllText(path.FullName), SweepJson.Options);
            if (manifest is null || manifest.Provenance.Commit != commit || !manifest.Provenance.Files.All(file => File.Exists(Path.Combine(folder, file.Name))))
                return null;
            return new CachedModel { Provenance = manifest.Provenance, PulledAt = manifest.PulledAt, Folder = folder, Revisions = [.. Refs(parent).Where(reference => reference.Commit == commit).Select(reference => reference.Revision)] };
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private sealed record Manifest
    {
        [JsonPropertyName("model")]
        public required HubProvenance Provenance { get; init; }

        public required DateTimeOffset PulledAt { get; init; }
    }
}
