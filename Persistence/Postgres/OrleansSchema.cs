namespace Sweep.Persistence.Postgres;

/// <summary>
/// The tables of Orleans' ADO.NET providers (clustering, grain storage, reminders), in a form of our own. Their contract, of Orleans 10.4: one table OrleansQuery of named statements,
/// with fixed names of keys, parameters and result columns; what the statements do with which tables is ours.
/// </summary>
internal static class OrleansSchema
{
    private const string MemberColumns = """
        c.cluster_id AS "DeploymentId", c.version AS "Version", m.address AS "Address", m.port AS "Port", m.generation AS "Generation", m.silo_name AS "SiloName",
        m.host_name AS "HostName", m.status AS "Status", m.proxy_port AS "ProxyPort", m.suspect_times AS "SuspectTimes", m.started_at AS "StartTime", m.alive_at AS "IAmAliveTime"
        """;

    private const string ThisMember = "cluster_id = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation";

    private const string ThisState =
        "service_id = @ServiceId AND grain_type = @GrainTypeString AND id_low = @GrainIdN0 AND id_high = @GrainIdN1 AND id_text = coalesce(@GrainIdExtensionString, '')";

    private const string ReminderColumns = """
        grain_id AS "GrainId", name AS "ReminderName", start_at AS "StartTime", period AS "Period", version AS "Version"
        """;

    /// <summary>Statements that can be run again and again.</summary>
    public static IEnumerable<string> Statements()
    {
        yield return Tables;
        foreach (var (key, text) in Queries)
            yield return $"INSERT INTO orleansquery (querykey, querytext) VALUES ('{key}', $sweep${text}$sweep$) ON CONFLICT (querykey) DO UPDATE SET querytext = excluded.querytext";
    }

    private const string Tables = """
        CREATE TABLE IF NOT EXISTS orleansquery (
            querykey varchar(64) PRIMARY KEY,
            querytext text NOT NULL);

        -- The version is raised by every change of a member, on condition that it is still the one the changer has read.
        CREATE TABLE IF NOT EXISTS orleans_clusters (
            cluster_id text PRIMARY KEY,
            version int NOT NULL DEFAULT 0,
            changed_at timestamptz NOT NULL DEFAULT now());

        CREATE TABLE IF NOT EXISTS orleans_members (
            cluster_id text NOT NULL REFERENCES orleans_clusters ON DELETE CASCADE,
            address text NOT NULL,
            port int NOT NULL,
            generation int NOT NULL,
            silo_name text NOT NULL,
            host_name text NOT NULL,
            status int NOT NULL,
            proxy_port int,
            suspect_times text,
            started_at timestamptz NOT NULL,
            alive_at timestamptz NOT NULL,
            PRIMARY KEY (cluster_id, address, port, generation));

        CREATE TABLE IF NOT EXISTS orleans_grain_states (
            service_id text NOT NULL,
            grain_type text NOT NULL,
            id_low bigint NOT NULL,
            id_high bigint NOT NULL,
            id_text text NOT NULL DEFAULT '',
            payload bytea,
            version int NOT NULL,
            changed_at timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (service_id, grain_type, id_low, id_high, id_text));

        CREATE TABLE IF NOT EXISTS orleans_reminders (
            service_id text NOT NULL,
            grain_id text NOT NULL,
            name text NOT NULL,
            hash int NOT NULL,
            start_at timestamptz NOT NULL,
            period bigint NOT NULL,
            version int NOT NULL DEFAULT 0,
            PRIMARY KEY (service_id, grain_id, name));

        CREATE INDEX IF NOT EXISTS orleans_reminders_by_hash ON orleans_reminders (service_id, hash);
        """;

    /// <summary>By the keys that Orleans asks for.</summary>
    private static IEnumerable<(string Key, string Text)> Queries =>
    [
        ("GatewaysQueryKey", """
            SELECT address AS "Address", proxy_port AS "ProxyPort", generation AS "Generation" FROM orleans_members
            WHERE cluster_id = @DeploymentId AND status = @Status AND proxy_port > 0
            """),
        ("MembershipReadRowKey", $"""
            SELECT {MemberColumns} FROM orleans_clusters c
            LEFT JOIN orleans_members m ON m.cluster_id = c.cluster_id AND m.address = @Address AND m.port = @Port AND m.generation = @Generation
            WHERE c.cluster_id = @DeploymentId
            """),
        ("MembershipReadAllKey", $"SELECT {MemberColumns} FROM orleans_clusters c LEFT JOIN orleans_members m ON m.cluster_id = c.cluster_id WHERE c.cluster_id = @DeploymentId"),
        ("InsertMembershipVersionKey", """
            WITH made AS (INSERT INTO orleans_clusters (cluster_id) VALUES (@DeploymentId) ON CONFLICT DO NOTHING RETURNING cluster_id)
            SELECT count(*)::int FROM made
            """),
        ("InsertMembershipKey", $"""
            WITH raised AS (
                UPDATE orleans_clusters SET version = version + 1, changed_at = now()
                WHERE cluster_id = @DeploymentId AND version = @Version AND NOT EXISTS (SELECT FROM orleans_members WHERE {ThisMember})
                RETURNING cluster_id),
            joined AS (
                INSERT INTO orleans_members (cluster_id, address, port, generation, silo_name, host_name, status, proxy_port, started_at, alive_at)
                SELECT cluster_id, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort, @StartTime, @IAmAliveTime FROM raised
                RETURNING cluster_id)
            SELECT count(*)::int FROM joined
            """),
        ("UpdateMembershipKey", $"""
            WITH raised AS (
                UPDATE orleans_clusters SET version = version + 1, changed_at = now()
                WHERE cluster_id = @DeploymentId AND version = @Version AND EXISTS (SELECT FROM orleans_members WHERE {ThisMember})
                RETURNING cluster_id),
            changed AS (
                UPDATE orleans_members SET status = @Status, suspect_times = @SuspectTimes, alive_at = @IAmAliveTime
                WHERE {ThisMember} AND EXISTS (SELECT FROM raised)
                RETURNING cluster_id)
            SELECT count(*)::int FROM changed
            """),
        ("UpdateIAmAlivetimeKey", $"UPDATE orleans_members SET alive_at = @IAmAliveTime WHERE {ThisMember}"),
        ("DeleteMembershipTableEntriesKey", "DELETE FROM orleans_clusters WHERE cluster_id = @DeploymentId"),
        // 3 is an active silo.
        ("CleanupDefunctSiloEntriesKey", "DELETE FROM orleans_members WHERE cluster_id = @DeploymentId AND status <> 3 AND alive_at < @IAmAliveTime"),
        ("ReadFromStorageKey", $"""
            SELECT payload AS "PayloadBinary", NULL::text AS "PayloadXml", NULL::text AS "PayloadJson", now() AS "Modified", version AS "Version"
            FROM orleans_grain_states WHERE {ThisState}
            """),
        ("WriteToStorageKey", $"""
            WITH changed AS (
                UPDATE orleans_grain_states SET payload = @PayloadBinary, version = version + 1, changed_at = now()
                WHERE {ThisState} AND version = @GrainStateVersion
                RETURNING version),
            made AS (
                INSERT INTO orleans_grain_states (service_id, grain_type, id_low, id_high, id_text, payload, version)
                SELECT @ServiceId, @GrainTypeString, @GrainIdN0, @GrainIdN1, coalesce(@GrainIdExtensionString, ''), @PayloadBinary, 1 WHERE @GrainStateVersion::int IS NULL
                ON CONFLICT DO NOTHING
                RETURNING version)
            SELECT coalesce((SELECT version FROM changed), (SELECT version FROM made), @GrainStateVersion::int) AS "NewGrainStateVersion"
            """),
        ("ClearStorageKey", $"""
            UPDATE orleans_grain_states SET payload = NULL, version = version + 1, changed_at = now()
            WHERE {ThisState} AND version = @GrainStateVersion
            RETURNING version AS "NewGrainStateVersion"
            """),
        ("UpsertReminderRowKey", """
            INSERT INTO orleans_reminders (service_id, grain_id, name, hash, start_at, period) VALUES (@ServiceId, @GrainId, @ReminderName, @GrainHash, @StartTime, @Period)
            ON CONFLICT (service_id, grain_id, name) DO UPDATE
            SET hash = excluded.hash, start_at = excluded.start_at, period = excluded.period, version = orleans_reminders.version + 1
            RETURNING version AS "Version"
            """),
        ("ReadReminderRowKey", $"SELECT {ReminderColumns} FROM orleans_reminders WHERE service_id = @ServiceId AND grain_id = @GrainId AND name = @ReminderName"),
        ("ReadReminderRowsKey", $"SELECT {ReminderColumns} FROM orleans_reminders WHERE service_id = @ServiceId AND grain_id = @GrainId"),
        ("ReadRangeRows1Key", $"SELECT {ReminderColumns} FROM orleans_reminders WHERE service_id = @ServiceId AND hash > @BeginHash AND hash <= @EndHash"),
        ("ReadRangeRows2Key", $"SELECT {ReminderColumns} FROM orleans_reminders WHERE service_id = @ServiceId AND (hash > @BeginHash OR hash <= @EndHash)"),
        ("DeleteReminderRowKey", """
            WITH gone AS (
                DELETE FROM orleans_reminders WHERE service_id = @ServiceId AND grain_id = @GrainId AND name = @ReminderName AND version = @Version RETURNING name)
            SELECT count(*)::int FROM gone
            """),
        ("DeleteReminderRowsKey", "DELETE FROM orleans_reminders WHERE service_id = @ServiceId"),
    ];
}
