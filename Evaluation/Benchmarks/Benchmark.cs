using System.Security.Cryptography;
using System.Text;

namespace Sweep.Evaluation.Benchmarks;

/// <summary>A kind of evaluation: a published format, a prompt, a metric. One small subclass each, found by name in <see cref="BenchmarkCatalog"/>.</summary>
public abstract class Benchmark
{
    private const long MaxBytes = 1L << 30;

    /// <summary>"squad", "triviaqa", ...</summary>
    public abstract string Name { get; }

    /// <summary>The prompt of every item.</summary>
    public abstract PromptTemplate Template { get; }

    /// <summary>Changes with the meaning of any metric.</summary>
    public virtual string MetricVersion => $"{Name}-metric/1";

    /// <summary>Metric of the result table.</summary>
    public abstract string PrimaryMetric { get; }

    public abstract IReadOnlyList<string> MetricNames { get; }

    /// <summary>Metrics that are shares of several verdicts on an item: their mean over items counts every verdict once.</summary>
    public virtual IReadOnlyList<string> PooledMetrics => [];

    /// <summary>New tokens when nobody says otherwise.</summary>
    public abstract int MaxNewTokens { get; }

    /// <summary>Texts that end a generation, and the response is what comes before.</summary>
    public virtual IReadOnlyList<string> Stops => ["\n"];

    /// <summary>The text itself is scored.</summary>
    public virtual bool IsText => false;

    /// <summary>Items have gold answers; without them there is no log-likelihood of a gold.</summary>
    public virtual bool HasGolds => true;

    /// <summary>Metrics come from the log-likelihoods of an item's continuations; nothing is generated.</summary>
    public virtual bool ScoresLikelihoods => false;

    /// <summary>The perplexity of golds is published of this benchmark: exp of minus the mean log-likelihood an item.</summary>
    public virtual bool HasGoldPerplexity => false;

    /// <summary>An item without a prediction counts 0; else it is left out.</summary>
    public virtual bool MissingCounts => true;

    /// <summary>What follows a gold in its continuation.</summary>
    protected virtual string Terminator => "\n";

    /// <summary>What stands between a prompt and its continuation: one space in all.</summary>
    protected virtual string Gap(string prompt) => prompt.EndsWith(' ') ? "" : " ";

    /// <summary>All items of a file, in file order.</summary>
    /// <exception cref="InvalidDataFileException">Not a file of this benchmark.</exception>
    public IReadOnlyList<EvaluationItem> Read(string path)
    {
        if (!File.Exists(path))
            throw new InvalidDataFileException(path, "file", "none", $"a {Name} file");
        RequireSize(path);
        var content = File.ReadAllBytes(path);
        var raw = Parse(new DataFile(path, content)).ToArray();
        if (raw.Length == 0)
            throw new InvalidDataFileException(path, "file", "no items", $"a {Name} file with items");
        return Identify(path, Convert.ToHexStringLower(SHA256.HashData(content)), raw);
    }

    /// <summary>Scores in 0..1 by metric name.</summary>
    public abstract ItemScore Score(EvaluationItem item, string response);

    /// <summary>Scores in 0..1 by metric name, of the item's continuations in their order.</summary>
    /// <exception cref="NotSupportedException">The benchmark scores responses.</exception>
    public virtual ItemScore Score(EvaluationItem item, IReadOnlyList<ContinuationScore> continuations) => throw new NotSupportedException($"{Name} scores responses");

    /// <summary>A prediction may be a list of spans.</summary>
    public virtual bool TakesSpans => false;

    /// <summary>As above, of a prediction that is a list of spans.</summary>
    /// <exception cref="NotSupportedException">The benchmark does not take spans.</exception>
    public virtual ItemScore Score(EvaluationItem item, IReadOnlyList<string> spans) => throw new NotSupportedException($"{Name} takes one text");

    internal abstract IEnumerable<RawItem> Parse(DataFile file);

    private protected static void RequireSize(string path)
    {
        if (new FileInfo(path).Length > MaxBytes)
            throw new InvalidDataFileException(path, "file", $"{new FileInfo(path).Length} bytes", $"at most {MaxBytes}");
    }

    private EvaluationItem[] Identify(string path, string fileHash, RawItem[] raw)
    {
        var unique = raw.All(item => item.PublishedId is not null) && raw.DistinctBy(item => item.PublishedId).Count() == raw.Length;
        var repeats = new Dictionary<string, int>(StringComparer.Ordinal);
        var items = new EvaluationItem[raw.Length];
        for (var i = 0; i < raw.Length; i++)
        {
            var item = raw[i];
            if (HasGolds && (item.Golds.Count == 0 || item.Golds.Any(gold => gold.Length == 0)))
                throw new InvalidDataFileException(path, $"item {item.PublishedId ?? (i + 1).ToString(System.Globalization.CultureInfo.InvariantCulture)}", "an empty gold", "answers of at least one character");
            var id = unique ? item.PublishedId! : HashOf(item.Canonical);
            var times = repeats[id] = repeats.GetValueOrDefault(id) + 1;
            var gap = Gap(item.Prompt.Text);
            items[i] = new EvaluationItem
            {
                Id = $"{fileHash[..16]}:{id}{(times > 1 ? $"#{times}" : "")}",
                PublishedId = item.PublishedId,
                Group = HashOf(item.GroupText),
                Prefix = item.Prompt.Prefix,
                Context = item.Prompt.Context,
                Suffix = item.Prompt.Suffix,
                Golds = item.Golds,
                Continuations = [.. (item.ContinuedGolds ?? item.Golds).Select(gold => gap + gold + Terminator)],
                Documents = [.. item.Documents.Prepend(item.Prompt.Context).Where(document => !string.IsNullOrWhiteSpace(document)).Distinct(StringComparer.Ordinal)],
                Answers = item.Answers,
                Instructions = item.Instructions,
                AnyGold = item.AnyGold,
                Choices = item.Choices,
                Gold = item.Gold,
            };
        }

        return items;
    }

    private static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16];
}

/// <summary>The metrics of one response.</summary>
/// <param name="Metrics">By name, in 0..1.</param>
/// <param name="EmptyNormalized">Gold and response both normalise to nothing; the official scorer's verdict stands.</param>
public sealed record ItemScore(IReadOnlyDictionary<string, double> Metrics, bool EmptyNormalized)
{
    /// <summary>Where metrics are over several verdicts on an item: these.</summary>
    public InstructionVerdicts? Verdicts { get; init; }
}

/// <summary>Whether each instruction of an item is kept.</summary>
/// <param name="Strict">On the response as it is.</param>
/// <param name="Loose">On any of its variants.</param>
public sealed record InstructionVerdicts(IReadOnlyList<bool> Strict, IReadOnlyList<bool> Loose);
