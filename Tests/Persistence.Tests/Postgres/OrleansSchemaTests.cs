using Npgsql;
using NpgsqlTypes;
using Sweep.Persistence.Postgres;
using Sweep.Tests.Servers;
using Xunit;

namespace Sweep.Persistence.Tests.Postgres;

/// <summary>The statements that Orleans runs by their names, with the parameters that it gives them.</summary>
public sealed class OrleansSchemaTests(PostgresServer server) : IAsyncLifetime
{
    private static readonly DateTime Now = new(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);
    private readonly Dictionary<string, string> _queries = new(StringComparer.Ordinal);
    private NpgsqlDataSource _source = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _source = NpgsqlDataSource.Create(await server.CreateStoreAsync());
        await using var command = _source.CreateCommand("SELECT QueryKey, QueryText FROM OrleansQuery");
        await using var reader = await command.ExecuteReaderAsync(Token);
        while (await reader.ReadAsync(Token))
            _queries.Add(reader.GetString(0), reader.GetString(1));
    }

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    [Fact]
    public async Task Statements_RunAgain_ChangeNothing()
    {
        foreach (var statement in OrleansSchema.Statements())
        {
            await using var command = _source.CreateCommand(statement);
            await command.ExecuteNonQueryAsync(Token);
        }

        Assert.Equal(19, _queries.Count);
    }

    [Fact]
    public async Task Membership_OfTwoThatChangeAtOnce_TakesOne()
    {
        Assert.Equal(1, await RunAsync("InsertMembershipVersionKey", ("DeploymentId", "c")));
        Assert.Equal(0, await RunAsync("InsertMembershipVersionKey", ("DeploymentId", "c")));
        Assert.Null((await ReadAsync("MembershipReadAllKey", ("DeploymentId", "c")))["Address"]);

        Assert.Equal(1, await RunAsync("InsertMembershipKey", [.. Member(11111), ("Version", 0)]));
        Assert.Equal(0, await RunAsync("InsertMembershipKey", [.. Member(11112), ("Version", 0)]));
        Assert.Equal(0, await RunAsync("InsertMembershipKey", [.. Member(11111), ("Version", 1)]));
        Assert.Equal(1, await RunAsync("InsertMembershipKey", [.. Member(11112), ("Version", 1)]));

        Assert.Equal(0, await RunAsync("UpdateMembershipKey", [.. Member(11111), ("Version", 1), ("SuspectTimes", "x")]));
        Assert.Equal(1, await RunAsync("UpdateMembershipKey", [.. Member(11111, status: 6), ("Version", 2), ("SuspectTimes", "x")]));
        var row = await ReadAsync("MembershipReadRowKey", [.. Key(11111)]);
        Assert.Equal((3, 6, "x", 30000), ((int)row["Version"]!, (int)row["Status"]!, (string)row["SuspectTimes"]!, (int)row["ProxyPort"]!));
        Assert.Equal(11112 + 18889, (int)(await ReadAsync("GatewaysQueryKey", ("DeploymentId", "c"), ("Status", 3)))["ProxyPort"]!);

        await RunAsync("UpdateIAmAlivetimeKey", [.. Key(11112), ("IAmAliveTime", Now.AddDays(1))]);
        await RunAsync("CleanupDefunctSiloEntriesKey", ("DeploymentId", "c"), ("IAmAliveTime", Now.AddHours(1)));
        Assert.Equal(11112, (int)(await ReadAsync("MembershipReadAllKey", ("DeploymentId", "c")))["Port"]!);
        await RunAsync("DeleteMembershipTableEntriesKey", ("DeploymentId", "c"));
        Assert.Empty(await ReadAsync("MembershipReadAllKey", ("DeploymentId", "c")));
    }

    [Fact]
    public async Task GrainState_WrittenUnderAStaleVersion_IsNotWritten()
    {
        Assert.Equal(1, await RunAsync("WriteToStorageKey", State([1], version: null)));
        Assert.Equal(2, await RunAsync("WriteToStorageKey", State([2], version: 1)));
        // What Orleans takes as refused: the version it gave.
        Assert.Equal(1, await RunAsync("WriteToStorageKey", State([3], version: 1)));
        Assert.Equal([2], (byte[])(await ReadAsync("ReadFromStorageKey", State([], version: null)))["PayloadBinary"]!);
        Assert.Equal(3, await RunAsync("ClearStorageKey", State([], version: 2)));
        var cleared = await ReadAsync("ReadFromStorageKey", State([], version: null));
        Assert.Equal((null, 3), (cleared["PayloadBinary"], (int)cleared["Version"]!));
    }

    [Fact]
    public async Task Reminders_OfARange_AreThoseOfItsHashes()
    {
        Assert.Equal(0, await RunAsync("UpsertReminderRowKey", Reminder("low", hash: -5)));
        Assert.Equal(1, await RunAsync("UpsertReminderRowKey", Reminder("low", hash: -5)));
        Assert.Equal(0, await RunAsync("UpsertReminderRowKey", Reminder("high", hash: 5)));
        Assert.Equal("high", (await ReadAsync("ReadRangeRows1Key", ("ServiceId", "s"), ("BeginHash", 0), ("EndHash", 10)))["ReminderName"]);
        Assert.Equal("low", (await ReadAsync("ReadRangeRows2Key", ("ServiceId", "s"), ("BeginHash", 5), ("EndHash", -1)))["ReminderName"]);
        Assert.Equal(0, await RunAsync("DeleteReminderRowKey", ("ServiceId", "s"), ("GrainId", "g"), ("ReminderName", "low"), ("Version", 0)));
        Assert.Equal(1, await RunAsync("DeleteReminderRowKey", ("ServiceId", "s"), ("GrainId", "g"), ("ReminderName", "low"), ("Version", 1)));
        Assert.Equal("high", (await ReadAsync("ReadReminderRowsKey", ("ServiceId", "s"), ("GrainId", "g")))["ReminderName"]);
        Assert.Equal(60_000L, (await ReadAsync("ReadReminderRowKey", ("ServiceId", "s"), ("GrainId", "g"), ("ReminderName", "high")))["Period"]);
        await RunAsync("DeleteReminderRowsKey", ("ServiceId", "s"));
        Assert.Empty(await ReadAsync("ReadReminderRowsKey", ("ServiceId", "s"), ("GrainId", "g")));
    }

    private static IEnumerable<(string, object?)> Key(int port) => [("DeploymentId", "c"), ("Address", "127.0.0.1"), ("Port", port), ("Generation", 1)];

    private static IEnumerable<(string, object?)> Member(int port, int status = 3) =>
        [.. Key(port), ("SiloName", "silo"), ("HostName", "host"), ("Status", status), ("ProxyPort", port + 18889), ("StartTime", Now), ("IAmAliveTime", Now)];

    private static (string, object?)[] State(byte[] payload, int? version) =>
    [
        ("ServiceId", "s"), ("GrainTypeString", "t"), ("GrainIdN0", 1L), ("GrainIdN1", 2L), ("GrainIdExtensionString", null), ("PayloadBinary", payload), ("GrainStateVersion", version),
    ];

    private static (string, object?)[] Reminder(string name, int hash) =>
        [("ServiceId", "s"), ("GrainId", "g"), ("ReminderName", name), ("StartTime", Now), ("Period", 60_000L), ("GrainHash", hash)];

    /// <summary>The first value of the first row.</summary>
    private async Task<int?> RunAsync(string query, params (string Name, object? Value)[] parameters)
    {
        await using var command = Command(query, parameters);
        return await command.ExecuteScalarAsync(Token) as int?;
    }

    /// <summary>The first row by column names; empty where there is none.</summary>
    private async Task<Dictionary<string, object?>> ReadAsync(string query, params (string Name, object? Value)[] parameters)
    {
        await using var command = Command(query, parameters);
        await using var reader = await command.ExecuteReaderAsync(Token);
        if (!await reader.ReadAsync(Token))
            return [];
        return Enumerable.Range(0, reader.FieldCount).ToDictionary(reader.GetName, column => reader.IsDBNull(column) ? null : reader.GetValue(column), StringComparer.Ordinal);
    }

    private NpgsqlCommand Command(string query, (string Name, object? Value)[] parameters)
    {
        var command = _source.CreateCommand(_queries[query]);
        foreach (var (name, value) in parameters)
        {
            var parameter = new NpgsqlParameter(name, value ?? DBNull.Value);
            if (value is null)
                parameter.NpgsqlDbType = name == "GrainStateVersion" ? NpgsqlDbType.Integer : NpgsqlDbType.Text;
            command.Parameters.Add(parameter);
        }

        return command;
    }
}
