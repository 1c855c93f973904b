using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NSubstitute;
using Sweep.Contracts.Execution;
using Sweep.Contracts.Grains;
using Sweep.Contracts.Messages;
using Sweep.Contracts.Store;
using Sweep.Dashboard.Access;
using Sweep.Persistence.Access;
using Sweep.Persistence.Sqlite;
using Sweep.Tests;

namespace Sweep.Dashboard.Tests.Hosts;

/// <summary>The dashboard on a free port of loopback, over a store; coordinators are stand-ins that do what the store can see.</summary>
internal sealed class TestDashboard : IAsyncDisposable
{
    public const string Password = "correct horse battery";

    private static readonly Lazy<Task<byte[]>> EmptyStore = new(MakeStoreAsync);

    private readonly TemporaryFolder _folder;
    private readonly WebApplication _app;

    private TestDashboard(TemporaryFolder folder, WebApplication app, ISweepStore store, ConcurrentDictionary<string, ISweepCoordinatorGrain> coordinators, ConcurrentQueue<string> log)
    {
        (_folder, _app, Store, Coordinators, Log) = (folder, app, store, coordinators, log);
        Address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
    }

    public ISweepStore Store { get; }

    public IAccessStore Access => Store.Access();

    /// <summary>In place of the usual stand-in, by sweep.</summary>
    public ConcurrentDictionary<string, ISweepCoordinatorGrain> Coordinators { get; }

    public IServiceProvider Services => _app.Services;

    public Uri Address { get; }

    /// <summary>Every line that was logged.</summary>
    public ConcurrentQueue<string> Log { get; }

    public static async Task<TestDashboard> StartAsync(Action<SweepDashboardOptions>? configure = null, TimeProvider? time = null, ISweepStore? store = null)
    {
        var folder = new TemporaryFolder();
        store ??= await OpenStoreAsync(folder, time);
        var options = new SweepDashboardOptions { Port = 0 };
        configure?.Invoke(options);
        var grains = Substitute.For<IGrainFactory>();
        var others = new ConcurrentDictionary<string, ISweepCoordinatorGrain>();
        grains.GetGrain<ISweepCoordinatorGrain>(Arg.Any<string>()).Returns(call => others.GetValueOrDefault(call.ArgAt<string>(0)) ?? Coordinator(store, call.ArgAt<string>(0)));
        var broker = Substitute.For<IBrokerGrain>();
        broker.ReadQueuesAsync().Returns(new BrokerQueues { Transport = "rabbitmq", Queues = [new BrokerQueue { Name = "sweep.submit-sweep", Waiting = 3, Consumers = 2, Failed = 1 }] });
        grains.GetGrain<IBrokerGrain>(0).Returns(broker);
        var files = Substitute.For<IPlanFilesGrain>();
        files.EstimateAsync(Arg.Any<string>()).Returns(call => call.Arg<string>().Contains("\"models/mini\"", StringComparison.Ordinal)
            ? new PlanEstimateAnswer { Estimate = new PlanEstimate { Jobs = 6, Batches = 2, Rows = 72, RowsRecorded = 12, SavedShare = 0.5, Seconds = 9, Power = [] } }
            : new PlanEstimateAnswer { Problems = ["models[0]: found none of this name"] });
        grains.GetGrain<IPlanFilesGrain>(0).Returns(files);
        var log = new ConcurrentQueue<string>();
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory, EnvironmentName = "Production" });
        builder.Logging.ClearProviders().AddProvider(new QueueLogger(log)).SetMinimumLevel(LogLevel.Debug);
        builder.Services.AddSingleton(store);
        builder.Services.AddSingleton(grains);
        if (time is not null)
            builder.Services.AddSingleton(time);
        builder.AddSweepDashboard(options);
        var app = builder.Build();
        app.MapSweepDashboard();
        await app.StartAsync();
        return new TestDashboard(folder, app, store, others, log);
    }

    /// <summary>A dashboard with local users.</summary>
    public static Task<TestDashboard> StartWithLoginAsync(TimeProvider? time = null, Action<SweepDashboardOptions>? configure = null, ISweepStore? store = null) => StartAsync(
        options =>
        {
            options.Login = SweepDashboardOptions.LocalLogin;
            configure?.Invoke(options);
        },
        time,
        store);

    /// <summary>Keeps cookies, follows no redirect.</summary>
    public HttpClient Client(string? token = null)
    {
        var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = new CookieContainer() }) { BaseAddress = Address };
        if (token is not null)
            client.DefaultRequestHeaders.Authorization = new("Bearer", token);
        return client;
    }

    /// <summary>A token of this role that is good for an hour.</summary>
    public async Task<ApiToken> TokenAsync(AccessRole role)
    {
        var token = ApiToken.Create();
        var now = (Services.GetService<TimeProvider>() ?? TimeProvider.System).GetUtcNow();
        var record = new TokenRecord { Id = token.Id, Name = role.ToString(), Role = role, SecretHash = token.Hash(), CreatedBy = "test", CreatedAt = now, ExpiresAt = now.AddHours(1) };
        await Access.AddTokenAsync(record, Entry("token.create"), CancellationToken.None);
        return token;
    }

    public async Task<UserRecord> AddUserAsync(string name, AccessRole role)
    {
        var user = new UserRecord { Name = name, DisplayName = name, Role = role, PasswordHash = Passwords.Hash(Password), Stamp = "first", CreatedAt = DateTimeOffset.UtcNow };
        await Access.TryAddUserAsync(user, Entry("user.add"), CancellationToken.None);
        return user;
    }

    /// <summary>A client of somebody who has logged in by the page's form.</summary>
    public async Task<HttpClient> LogInAsync(string name, string password = Password)
    {
        var client = Client();
        var answer = await PostLoginAsync(client, name, password);
        return answer.StatusCode == HttpStatusCode.Found ? client : throw new InvalidOperationException($"login answered {answer.StatusCode}");
    }

    public static async Task<HttpResponseMessage> PostLoginAsync(HttpClient client, string name, string password, string returnUrl = "/") =>
        await client.PostAsync("/login", new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["name"] = name,
            ["password"] = password,
            ["returnUrl"] = returnUrl,
            ["__RequestVerificationToken"] = FormToken(await client.GetStringAsync("/login")),
        }));

    public static string FormToken(string page)
    {
        var match = System.Text.RegularExpressions.Regex.Match(page, "name=\"__RequestVerificationToken\" value=\"([^\"]+)\"");
        return match.Success ? WebUtility.HtmlDecode(match.Groups[1].Value) : throw new InvalidOperationException($"no form with a token in: {page}");
    }

    public static JournalEntry Entry(string action) => new() { Actor = "test", Action = action, Target = "", Origin = "test", Outcome = JournalOutcome.Done };

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>A copy of one empty store: the schema is made once for all tests.</summary>
    private static async Task<ISweepStore> OpenStoreAsync(TemporaryFolder folder, TimeProvider? time)
    {
        var path = Path.Combine(folder.Path, "sweep.db");
        await File.WriteAllBytesAsync(path, await EmptyStore.Value);
        return await SqliteSweepStore.OpenAsync(path, CancellationToken.None, time);
    }

    private static async Task<byte[]> MakeStoreAsync()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "empty.db");
        await SqliteSweepStore.MigrateAsync(path, CancellationToken.None);
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        return await File.ReadAllBytesAsync(path);
    }

    private static ISweepCoordinatorGrain Coordinator(ISweepStore store, string id)
    {
        var coordinator = Substitute.For<ISweepCoordinatorGrain>();
        coordinator.SubmitAsync(Arg.Any<PlanSubmission>()).Returns(async call =>
        {
            var asked = call.Arg<PlanSubmission>();
            var plan = SubmissionReader.Read(new SubmitSweep { PlanText = asked.PlanText, Key = asked.Key });
            return (await store.SubmitAsync(new SweepSubmission { SweepId = id, Plan = plan.Plan, PlanText = plan.Text, Key = asked.Key, Reopen = true }, CancellationToken.None)).Sweep!.Id;
        });
        coordinator.CancelAsync().Returns(_ => ChangeAsync(store, id, SweepTransition.Cancel));
        coordinator.PauseAsync().Returns(_ => ChangeAsync(store, id, SweepTransition.Pause));
        coordinator.ResumeAsync().Returns(_ => ChangeAsync(store, id, SweepTransition.Resume));
        coordinator.GetStatusAsync().Returns(new SweepStatus { SweepId = id, State = "Running", RowsTotal = 10, RowsDone = 4 });
        return coordinator;
    }

    private static async Task ChangeAsync(ISweepStore store, string id, Func<SweepRecord, SweepTransition> change)
    {
        var transition = change((await store.FindSweepAsync(id, CancellationToken.None))!);
        await store.TrySetStateAsync(id, transition.From, transition.To, transition.Reason, CancellationToken.None);
    }

    private sealed class QueueLogger(ConcurrentQueue<string> lines) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue($"{logLevel} {formatter(state, exception)} {exception}");

        public void Dispose()
        {
        }
    }
}
