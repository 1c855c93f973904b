namespace Sweep.Evaluation.Ruler;

/// <summary>
/// RULER (Hsieh et al. 2024): its 13 task configurations at any length. The number of units (sentences, words, documents) is the largest with which the first sample fits, found by bisection;
/// a later sample that is too long is made again with a step fewer until it fits.
/// </summary>
public static class RulerGenerator
{
    private const int MostUnits = 1 << 24;

    /// <summary>All tasks, in the order of the publication.</summary>
    public static IReadOnlyList<string> Tasks { get; } =
    [
        "niah_single_1", "niah_single_2", "niah_single_3", "niah_multikey_1", "niah_multikey_2", "niah_multikey_3", "niah_multivalue", "niah_multiquery", "vt", "cwe", "fwe", "qa_1", "qa_2",
    ];

    /// <param name="tasks">Names of <see cref="Tasks"/>; in their order.</param>
    /// <exception cref="RulerSourceException">A source that a task needs is missing or too small, or a sample cannot be as short as asked.</exception>
    /// <exception cref="InvalidDataFileException">A source cannot be read.</exception>
    public static IEnumerable<RulerSample> Make(IReadOnlyList<string> tasks, RulerSettings settings, CancellationToken cancellationToken)
    {
        var sources = new RulerSources(settings);
        foreach (var name in Tasks.Where(tasks.Contains))
        {
            foreach (var sample in Samples(Find(name, sources, settings), settings, cancellationToken))
                yield return sample;
        }
    }

    private static RulerTask Find(string name, RulerSources sources, RulerSettings settings)
    {
        return name switch
        {
            "niah_single_1" => Needle(new(name, Haystack.Noise, NeedleKind.Words, NeedleKind.Numbers)),
            "niah_single_2" => Needle(new(name, Haystack.Essay, NeedleKind.Words, NeedleKind.Numbers)),
            "niah_single_3" => Needle(new(name, Haystack.Essay, NeedleKind.Words, NeedleKind.Uuids)),
            "niah_multikey_1" => Needle(new(name, Haystack.Essay, NeedleKind.Words, NeedleKind.Numbers, Keys: 4)),
            "niah_multikey_2" => Needle(new(name, Haystack.Needle, NeedleKind.Words, NeedleKind.Numbers)),
            "niah_multikey_3" => Needle(new(name, Haystack.Needle, NeedleKind.Uuids, NeedleKind.Uuids)),
            "niah_multivalue" => Needle(new(name, Haystack.Essay, NeedleKind.Words, NeedleKind.Numbers, Values: 4)),
            "niah_multiquery" => Needle(new(name, Haystack.Essay, NeedleKind.Words, NeedleKind.Numbers, Queries: 4)),
            "vt" => new VariableTask(settings),
            "cwe" => new CommonWordsTask(sources, settings),
            "fwe" => new FrequentWordsTask(settings),
            "qa_1" => new QuestionTask(name, () => sources.SquadQuestions, settings.Seed),
            "qa_2" => new QuestionTask(name, () => sources.HotpotQuestions, settings.Seed),
            _ => throw new ArgumentException($"task: found '{name}', expected one of {string.Join(", ", Tasks)}"),
        };

        NeedleTask Needle(NeedleShape shape) => new(shape, sources, settings.Seed);
    }

    private static IEnumerable<RulerSample> Samples(RulerTask task, RulerSettings settings, CancellationToken cancellationToken)
    {
        var step = task.Step(settings.Length);
        int? largest = null;
        for (var index = 0; index < settings.Items; index++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var units = largest ??= Largest(task, settings, cancellationToken);
            var sample = Sample(task, index, units, settings);
            while (sample.Length > settings.Length)
            {
                if (units == task.FewestUnits)
                    throw TooShort(task, sample, settings);
                units = Math.Max(task.FewestUnits, units - step);
                sample = Sample(task, index, units, settings);
            }

            yield return sample;
        }
    }

    /// <summary>Most units with which the first sample fits.</summary>
    private static int Largest(RulerTask task, RulerSettings settings, CancellationToken cancellationToken)
    {
        if (Sample(task, 0, task.FewestUnits, settings) is var shortest && shortest.Length > settings.Length)
            throw TooShort(task, shortest, settings);
        var (fits, tooMany) = (task.FewestUnits, task.FewestUnits * 2);
        RulerSourceException? tooFew = null;
        while (tooMany < MostUnits && Fits(tooMany))
            (fits, tooMany) = (tooMany, tooMany * 2);
        var atLimit = tooFew;
        while (tooMany - fits > 1)
        {
            var middle = fits + ((tooMany - fits) / 2);
            if (Fits(middle))
                fits = middle;
            else
                (tooMany, atLimit) = (middle, tooFew);
        }

        // A source that is too small matters where the sample would still have had room.
        return atLimit is null ? fits : throw atLimit;

        bool Fits(int units)
        {
            cancellationToken.ThrowIfCancellationRequested();
            tooFew = null;
            try
            {
                return Sample(task, 0, units, settings).Length <= settings.Length;
            }
            catch (RulerSourceException missing)
            {
                tooFew = missing;
                return false;
            }
        }
    }

    private static RulerSample Sample(RulerTask task, int index, int units, RulerSettings settings)
    {
        var prompt = task.Make(index, units);
        return new RulerSample
        {
            Task = task.Name,
            Index = index,
            Input = prompt.Input,
            AnswerPrefix = prompt.AnswerPrefix,
            Outputs = prompt.Outputs,
            Length = settings.CountTokens(prompt.Input + prompt.AnswerPrefix) + task.AnswerTokens,
        };
    }

    private static RulerSourceException TooShort(RulerTask task, RulerSample shortest, RulerSettings settings) =>
        new($"{task.Name}: found a shortest sample {shortest.Index} of {shortest.Length} tokens, expected one within --length {settings.Length}");
}
