using Microsoft.Extensions.DependencyInjection;
using NSubstitute;
using Sweep.Contracts.Execution;
using Sweep.Contracts.Store;

namespace Sweep.Execution.Tests;

public sealed class ExecutionServicesTests
{
    [Fact]
    public void AddSweepExecution_WithAStore_GivesRunnersResolverAndSummarizer()
    {
        using var services = new ServiceCollection().AddSingleton(Substitute.For<ISweepStore>())
            .AddSweepExecution(files => files.Roots = ["."]).BuildServiceProvider();
        Assert.NotNull(services.GetRequiredService<IJobRunnerFactory>());
        Assert.NotNull(services.GetRequiredService<IPlanResolver>());
        Assert.NotNull(services.GetRequiredService<ISweepSummarizer>());
    }
}
