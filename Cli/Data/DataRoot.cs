using System.Text;

namespace Sweep.Cli.Data;

/// <summary>The folder that pulled files go into: one folder a source, with SHA256SUMS of what is in it. Nothing is written outside.</summary>
internal sealed class DataRoot
{
    private const string Sums = "SHA256SUMS";
    private readonly string _root;

    public DataRoot(string folder) => _root = Path.GetFullPath(folder);

    /// <summary>The source's folder, made where it is missing.</summary>
    /// <exception cref="WrongInputException">A link lies there, which may lead out of the root.</exception>
    public string FolderOf(DataSource source)
    {
        Directory.CreateDirectory(_root);
        var folder = Path.Combine(_root, Single(source.Name));
        if (new DirectoryInfo(folder) is { LinkTarget: not null })
            throw new WrongInputException($"{folder}: found a link, expected a folder of the data root");
        return Directory.CreateDirectory(folder).FullName;
    }

    /// <exception cref="WrongInputException">A link lies there, which may lead out of the root.</exception>
    public string PathOf(DataSource source, PublishedFile file)
    {
        var path = Path.Combine(_root, Single(source.Name), Single(file.Target));
        foreach (var written in new[] { path, path + ".part", path + ".part.json", path + ".new", Path.Combine(Path.GetDirectoryName(path)!, Sums) })
        {
            if (new FileInfo(written) is { LinkTarget: not null })
                throw new WrongInputException($"{written}: found a link, expected a file of the data root");
        }

        return path;
    }

    /// <summary>What SHA256SUMS says of a file; null: nothing.</summary>
    public string? Recorded(DataSource source, string name) => Read(source).GetValueOrDefault(name);

    public void Record(DataSource source, string name, string sha256)
    {
        var sums = Read(source);
        sums[name] = sha256;
        var path = Path.Combine(FolderOf(source), Sums);
        File.WriteAllText(path + ".new", string.Concat(sums.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Value}  {pair.Key}\n")), new UTF8Encoding(false));
        File.Move(path + ".new", path, overwrite: true);
    }

    private Dictionary<string, string> Read(DataSource source)
    {
        var path = Path.Combine(_root, Single(source.Name), Sums);
        return File.Exists(path)
            ? File.ReadLines(path).Select(line => line.Split("  ", 2)).Where(parts => parts.Length == 2).ToDictionary(parts => parts[1], parts => parts[0], StringComparer.Ordinal)
            : new Dictionary<string, string>(StringComparer.Ordinal);
    }

    private static string Single(string name) => name.Length > 0 && name[0] != '.' && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' or '_')
        ? name
        : throw new InvalidOperationException($"'{name}' is not a file's name");
}
