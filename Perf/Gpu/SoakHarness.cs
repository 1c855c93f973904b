using System.Diagnostics;
using System.Globalization;
using Sweep.Execution.Prefix;
using Sweep.Execution.Running;
using Sweep.Models.Mamba;
using static TorchSharp.torch;

namespace Sweep.Perf.Gpu;

/// <summary>
/// Many micro-batches of random shapes, sites and counts of rows, some of which run out of memory and are halved: memory stays, nothing becomes no number that was not meant to, and every
/// hundredth batch gives what each of its rows gives alone. Arguments: --device cuda:0, --batches 10000, --seed 1.
/// </summary>
internal sealed class SoakHarness
{
    private const int Compared = 100;

    private readonly DeviceArguments _arguments;
    private readonly SoakBatches _draw;
    private readonly List<Model> _models = [];
    private readonly Dictionary<ScalarType, (double Largest, int Rows, int OtherTokens)> _differences = [];
    private int _halvings, _exhausted, _unintended, _intended, _missed;
    private long _passes, _rows;

    private SoakHarness(DeviceArguments arguments)
    {
        _arguments = arguments;
        _draw = new SoakBatches(arguments.Number("--seed", 1));
    }

    public static int Run(string[] arguments)
    {
        using var gradients = inference_mode();
        return new SoakHarness(new DeviceArguments(arguments, "--batches", "--seed")).Run() ? 0 : 1;
    }

    private bool Run()
    {
        var (batches, clock) = (_arguments.Number("--batches", 10_000), Stopwatch.StartNew());
        var settled = batches / 10;
        Load();
        Memory? before = null;
        for (var batch = 1; batch <= batches; batch++)
        {
            if (_arguments.IsCuda && batch % 250 == 0)
                Exhaust();
            else
                Once(batch);
            if (batch % Math.Max(1, batches / 10) != 0)
                continue;
            var now = Now();
            before ??= batch >= settled ? now : null;
            Console.WriteLine($"{batch,6} batches, {clock.Elapsed.TotalSeconds,6:0.0} s: {now}");
        }

        var after = Now();
        foreach (var model in _models)
            model.Network.Dispose();
        return Report(batches, clock.Elapsed, before ?? after, after);
    }

    /// <summary>After models, torch and malloc have given back what they keep for later: what is left is in use, or lost.</summary>
    private Memory Now()
    {
        foreach (var model in _models)
            model.Network.ReleaseCaches();
        return Memory.Now(_arguments.Torch);
    }

    private void Load()
    {
        MambaConfig Tiny(int width, int layers, int states) => RandomModels.Config("130m") with { VocabularySize = 512, DModel = width, DInner = 2 * width, LayerCount = layers, DState = states, DtRank = 4 };
        ScalarType[] dtypes = _arguments.IsCuda ? [ScalarType.Float32, ScalarType.BFloat16, ScalarType.Float16] : [ScalarType.Float32];
        foreach (var dtype in dtypes)
        {
            Add(Tiny(64, 4, 16), dtype, 10, 96, 10);
            Add(Tiny(48, 3, 8), dtype, 16, 24, 24);
        }

        if (_arguments.IsCuda)
        {
            Add(RandomModels.Config("130m"), ScalarType.BFloat16, 4, 200, 6);
            Add(RandomModels.Config("130m"), ScalarType.Float32, 3, 120, 4);
        }

        void Add(MambaConfig config, ScalarType dtype, int prompts, int tokens, int rows)
        {
            var network = RandomModels.Make(config, dtype, _arguments.Torch);
            _models.Add(new(network, new SteeredExecutor(network), prompts, tokens, rows));
        }
    }

    private void Once(int number)
    {
        // One in twenty is of the large shape, where there is one.
        var large = _models.Count > 6 && _draw.Chance(20);
        var model = large ? _models[6 + _draw.Below(_models.Count - 6)] : _models[_draw.Below(Math.Min(6, _models.Count))];
        var (batch, overflowing) = _draw.Next(model.Network.Config, model.MostPrompts, model.MostTokens, model.MostRows);
        var answers = RunHalved(model, batch, _draw.Chance(10) ? Math.Max(2, (batch.Rows.Count + 1) * batch.Prompts.Count / 3) : int.MaxValue, number);
        for (var row = 0; row < answers.Count; row++)
        {
            var broken = answers[row].Count(result => result.Diverged is not null || result.ContinuationDiverged is not null || result.GenerationDiverged is not null || Bare(result));
            if (!overflowing.Contains(row))
                _unintended += broken;
            else if (broken == 0 && Touches(batch, row))
                _missed++;
            else
                _intended += broken;
        }

        if (number % Compared == 0)
            Compare(model, batch, answers);
    }

    /// <summary>Leaves the device less than a batch takes: it fails for memory in earnest, and is halved until it fits.</summary>
    private void Exhaust()
    {
        var model = _models[6];
        var batch = _draw.Large(model.Network.Config, 24, 400, 8);
        var ballast = DeviceMemory.TakeAllBut(_arguments.Torch, 512L << 20);
        IReadOnlyList<RowResult[]> answers;
        try
        {
            var failed = _halvings;
            answers = RunHalved(model, batch, int.MaxValue, 0);
            _exhausted += _halvings - failed;
        }
        finally
        {
            DeviceMemory.Release(ballast);
        }

        _unintended += answers.Sum(row => row.Count(result => result.Diverged is not null || Bare(result)));
        var whole = model.Executor.Run(batch, CancellationToken.None);
        foreach (var (row, other) in answers.SelectMany(row => row).Zip(whole.SelectMany(row => row)))
            Note(model.Network.Dtype, row, other);
    }

    private IReadOnlyList<RowResult[]> RunHalved(Model model, SteeredBatch batch, int limit, int number)
    {
        var executor = new FailingExecutor(model.Executor, limit);
        // What one batch learns of memory is of no use to the next, whose failures are made up.
        var answers = new PassRunner(new MemoryBudget(long.MaxValue)).Run(
            executor, number.ToString(CultureInfo.InvariantCulture), model.Network.Config, batch.Prompts, batch.Rows, new Stopwatch(), CancellationToken.None);
        _passes += executor.Passes;
        _halvings += executor.Failures;
        _rows += batch.Prompts.Count * (batch.Rows.Count + 1);
        return answers.Rows;
    }

    private void Compare(Model model, SteeredBatch batch, IReadOnlyList<RowResult[]> answers)
    {
        for (var row = 0; row < answers.Count; row++)
        {
            var steering = row < batch.Rows.Count ? batch.Rows[row] : [];
            foreach (var (prompt, answer) in batch.Prompts.Zip(answers[row]))
            {
                if (answer.Diverged is null && answer.ContinuationDiverged is null && answer.GenerationDiverged is null)
                    Note(model.Network.Dtype, answer, model.Executor.RunAlone([prompt], steering, CancellationToken.None)[0]);
            }
        }
    }

    private void Note(ScalarType dtype, RowResult packed, RowResult alone)
    {
        var (largest, rows, tokens) = _differences.GetValueOrDefault(dtype);
        foreach (var (a, b) in packed.LogLikelihoods.Append(packed.PromptLogLikelihood).Zip(alone.LogLikelihoods.Append(alone.PromptLogLikelihood)))
            largest = (a, b) switch
            {
                (null, null) => largest,
                ({ } one, { } other) => Math.Max(largest, Math.Abs(one - other) / Math.Max(1, Math.Abs(other))),
                _ => double.PositiveInfinity,
            };
        _differences[dtype] = (largest, rows + 1, tokens + ((packed.GeneratedTokens ?? []).SequenceEqual(alone.GeneratedTokens ?? []) ? 0 : 1));
    }

    /// <summary>A number that is none, where it says that it did not diverge.</summary>
    private static bool Bare(RowResult result) => result.Diverged is null && result.LogLikelihoods.Append(result.PromptLogLikelihood).Any(value => value is { } number && !double.IsFinite(number));

    /// <summary>Generated positions alone are touched only where something is read after the prompt.</summary>
    private static bool Touches(SteeredBatch batch, int row) => batch.Rows[row].All(one => one.Positions is not Sweep.Models.Steering.PositionScope.Generated);

    private bool Report(int batches, TimeSpan elapsed, Memory before, Memory after)
    {
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{batches} batches in {elapsed.TotalSeconds:0.0} s: {_rows} rows, {_passes} passes, {_halvings} halvings ({_exhausted} by the device's memory), {_intended} results not finite on purpose, {_missed} meant to be and finite, {_unintended} not finite and not meant to be"));
        var agree = true;
        foreach (var (dtype, (largest, rows, tokens)) in _differences)
        {
            // The processor's rows are their own bit for bit.
            var tolerance = !_arguments.IsCuda ? 0 : dtype == ScalarType.Float32 ? 1e-3 : 1e-1;
            agree &= largest <= tolerance && (tokens == 0 || dtype != ScalarType.Float32);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{GpuHarness.Word(dtype)}: {rows} results again alone, log-likelihoods at most {largest:0.0e+0} of max(1, |nats|) apart (at most {tolerance} expected), {tokens} with other tokens"));
        }

        Console.WriteLine($"after {batches / 10}: {before}");
        Console.WriteLine($"after {batches}: {after}");
        var steady = after.Device <= before.Device * 1.01 && after.Host <= before.Host * 1.01 && after.Tensors <= before.Tensors;
        var passed = agree && steady && _unintended == 0 && _missed == 0 && _halvings > 0;
        Console.WriteLine(passed ? "passed" : $"failed: {(steady ? "" : "memory grew; ")}{(agree ? "" : "rows alone differ; ")}{(_unintended + _missed == 0 ? "" : "numbers that are none; ")}{(_halvings > 0 ? "" : "nothing was halved")}");
        return passed;
    }

    private sealed record Model(MambaModel Network, SteeredExecutor Executor, int MostPrompts, int MostTokens, int MostRows);

    /// <summary>Bytes in use once caches are given back, live tensors, and what of the host's bytes is the managed heap.</summary>
    private sealed record Memory(long Device, long Host, long Tensors, long Managed)
    {
        public static Memory Now(Device device)
        {
            var (there, host) = (DeviceMemory.Live(device), DeviceMemory.Host());
            return new(there, host, Tensor.TotalCount, GC.GetGCMemoryInfo(GCKind.Any).TotalCommittedBytes);
        }

        public override string ToString() => string.Create(
            CultureInfo.InvariantCulture, $"device {Device / 1048576.0:0.0} MiB, host {Host / 1048576.0:0.0} MiB (managed {Managed / 1048576.0:0.0}), {Tensors} tensors");
    }
}
