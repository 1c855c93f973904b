using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using NSubstitute;
using Sweep.Contracts.Jobs;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Results;
using Sweep.Contracts.Store;

namespace Sweep.Execution.Tests.Planning.Search;

/// <summary>A store with a row for every job and item: scores are drawn by their names, where none is recorded.</summary>
internal sealed class SearchLedger
{
    private readonly Dictionary<JobId, JobSpec> _jobs = [];
    private readonly Dictionary<string, byte[]> _artifacts = [];
    private readonly Dictionary<(JobId Job, string Item), ItemResult> _recorded = [];

    public SearchLedger()
    {
        Store = Substitute.For<ISweepStore>();
        Store.FindSweepAsync(default!, default).ReturnsForAnyArgs((SweepRecord?)null);
        Store.LoadResolutionAsync(default!, default).ReturnsForAnyArgs((ResolvedPlan?)null);
        Store.FindArtifactAsync(default!, default).ReturnsForAnyArgs(call => _artifacts.GetValueOrDefault(call.ArgAt<string>(0)));
        Store.SaveArtifactAsync(default!, default!, default).ReturnsForAnyArgs(call =>
        {
            _artifacts.TryAdd(call.ArgAt<string>(0), call.ArgAt<byte[]>(1));
            return Task.CompletedTask;
        });
        Store.ReadItemResultsAsync(default!, default!, default).ReturnsForAnyArgs(call => Read(call.ArgAt<IReadOnlyCollection<JobId>>(0), call.ArgAt<IReadOnlyCollection<string>>(1)));
    }

    public ISweepStore Store { get; }

    /// <summary>Other rows for the same names.</summary>
    public string Salt { get; set; } = "";

    /// <summary>False: what is not recorded is not there.</summary>
    public bool IsComplete { get; set; } = true;

    public void Record(IEnumerable<ItemResult> rows)
    {
        foreach (var row in rows)
            _recorded[(row.JobId, row.ItemId)] = row;
    }

    public void Forget((JobId Job, string Item) row) => _recorded.Remove(row);

    public void Know(SweepPlan plan, ResolvedPlan resolved)
    {
        foreach (var (job, _) in PlanExpander.Jobs(plan, resolved))
            _jobs[job.Id] = job;
    }

    public void Complete(SweepPlan plan, ResolvedPlan resolved)
    {
        Know(plan, resolved);
        var id = SweepIds.Of(plan);
        Store.FindSweepAsync(id, Arg.Any<CancellationToken>())
            .Returns(new SweepRecord { Id = id, Plan = plan, PlanText = "", State = SweepState.Completed, SubmittedAt = DateTimeOffset.UnixEpoch });
        Store.LoadResolutionAsync(id, Arg.Any<CancellationToken>()).Returns(resolved);
    }

    private async IAsyncEnumerable<ItemResult> Read(IReadOnlyCollection<JobId> jobs, IReadOnlyCollection<string> items, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.CompletedTask;
        foreach (var job in jobs.Order())
        {
            foreach (var item in items.Order(StringComparer.Ordinal))
            {
                if (_recorded.TryGetValue((job, item), out var row))
                    yield return row;
                else if (IsComplete)
                    yield return Row(_jobs[job].Identity, job, item);
            }
        }
    }

    private ItemResult Row(JobIdentity identity, JobId job, string item)
    {
        var draw = BitConverter.ToUInt32(SHA256.HashData(Encoding.UTF8.GetBytes($"{Salt} {job} {item}"))) / (double)uint.MaxValue;
        return new ItemResult
        {
            JobId = job,
            ItemId = item,
            PromptHash = "p",
            Metrics = identity.Measure == Measure.Generation ? new Dictionary<string, double> { ["em"] = draw < 0.5 ? 0 : 1 } : [],
            LogLikelihood = identity.Measure == Measure.Generation ? null : -draw - 1,
            LogLikelihoodTokens = identity.Measure == Measure.Generation ? null : 4,
            Receipt = new ReceiptRow { PositionsTouched = identity.Interventions.Count == 0 ? 0 : 99, OnTargetMinimum = 1, OnTargetMaximum = 1 },
        };
    }
}
