using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json;
using TorchSharp;

namespace Sweep.Perf;

/// <summary>Times two ways of the same work alternately in one process, so that whatever else the machine does meets both.</summary>
internal static class Comparison
{
    /// <summary>Median and spread of each, after one run of each to warm up.</summary>
    public static (Timing Slow, Timing Fast) Measure(Action slow, Action fast, int rounds)
    {
        slow();
        fast();
        var (a, b) = (new double[rounds], new double[rounds]);
        for (var round = 0; round < rounds; round++)
        {
            a[round] = Seconds(slow);
            b[round] = Seconds(fast);
        }

        return (Timing.Of(a), Timing.Of(b));
    }

    /// <summary>Of one way alone, after one run to warm up.</summary>
    public static Timing Median(Action work, int rounds)
    {
        work();
        return Timing.Of([.. Enumerable.Range(0, rounds).Select(_ => Seconds(work))]);
    }

    public static double Seconds(Action work)
    {
        var start = Stopwatch.GetTimestamp();
        work();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>The candidate whose fastest of two runs, after one to warm up, is the fastest.</summary>
    public static int Best(IReadOnlyList<int> candidates, Action<int> work)
    {
        work(candidates[0]);
        var seconds = candidates.ToDictionary(candidate => candidate, _ => double.PositiveInfinity);
        for (var round = 0; round < 2; round++)
        {
            foreach (var candidate in candidates)
                seconds[candidate] = Math.Min(seconds[candidate], Seconds(() => work(candidate)));
        }

        return seconds.MinBy(pair => pair.Value).Key;
    }

    /// <summary>Prints the comparison; true when the results agree and the ratio of medians reaches the target.</summary>
    public static bool Report(string name, string slowName, string fastName, Timing slow, Timing fast, double target, bool agree, IReadOnlyDictionary<string, double> more, bool json)
    {
        var ratio = slow.Median / fast.Median;
        var passed = agree && ratio >= target;
        var version = typeof(Comparison).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
        var machine = $"{RuntimeInformation.OSDescription}, {Environment.ProcessorCount} processors, {torch.get_num_threads()} threads, version {version}";
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(new { name, machine, slow = new { name = slowName, slow.Median, slow.Low, slow.High, slow.Rounds }, fast = new { name = fastName, fast.Median, fast.Low, fast.High, fast.Rounds }, ratio, target, agree, passed, more }));
            return passed;
        }

        Console.WriteLine($"{name} ({machine})");
        Console.WriteLine($"  {slowName,-40} {slow}");
        Console.WriteLine($"  {fastName,-40} {fast}");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  ratio of medians {ratio:0.00} (target {target:0.0}), results {(agree ? "agree" : "DIFFER")}: {(passed ? "passed" : "FAILED")}"));
        foreach (var (key, value) in more)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {key} {value:G4}"));
        return passed;
    }
}

/// <summary>Seconds.</summary>
internal sealed record Timing(double Median, double Low, double High, int Rounds)
{
    public static Timing Of(double[] seconds)
    {
        Array.Sort(seconds);
        return new Timing(seconds[seconds.Length / 2], seconds[0], seconds[^1], seconds.Length);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{1000 * Median:0.00} ms ({1000 * Low:0.00} to {1000 * High:0.00}, {Rounds} rounds)");
}
