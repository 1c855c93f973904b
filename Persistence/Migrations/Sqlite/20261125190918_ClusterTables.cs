using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Sweep.Persistence.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class ClusterTables : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "submit_key",
                table: "sweeps",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "open_batches",
                table: "sweep_jobs",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<string>(
                name: "outcome",
                table: "sweep_jobs",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "reason",
                table: "sweep_jobs",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "attempt",
                table: "item_results",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "used_at",
                table: "artifacts",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.CreateTable(
                name: "inbox",
                columns: table => new
                {
                    message_id = table.Column<string>(type: "TEXT", nullable: false),
                    consumer = table.Column<string>(type: "TEXT", nullable: false),
                    received_at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_inbox", x => new { x.message_id, x.consumer });
                });

            migrationBuilder.CreateTable(
                name: "outbox",
                columns: table => new
                {
                    id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    message_id = table.Column<string>(type: "TEXT", nullable: false),
                    kind = table.Column<string>(type: "TEXT", nullable: false),
                    payload = table.Column<string>(type: "TEXT", nullable: false),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false),
                    attempts = table.Column<int>(type: "INTEGER", nullable: false),
                    next_at = table.Column<long>(type: "INTEGER", nullable: false),
                    last_error = table.Column<string>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_outbox", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "schema_info",
                columns: table => new
                {
                    version = table.Column<int>(type: "INTEGER", nullable: false),
                    oldest_compatible = table.Column<int>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                });

            migrationBuilder.CreateIndex(
                name: "IX_sweeps_submit_key",
                table: "sweeps",
                column: "submit_key",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_inbox_received_at",
                table: "inbox",
                column: "received_at");

            migrationBuilder.CreateIndex(
                name: "IX_outbox_message_id",
                table: "outbox",
                column: "message_id",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_outbox_next_at",
                table: "outbox",
                column: "next_at");

            migrationBuilder.Sql("INSERT INTO schema_info (version, oldest_compatible) VALUES (2, 2)");
            migrationBuilder.Sql("""
                WITH open AS (
                    SELECT b.sweep_id AS sweep_id, j.key AS job_key, count(*) AS batches FROM batches b JOIN json_each(b.payload, '$.jobs') e JOIN jobs j ON j.job_id = e.value
                    WHERE b.status IN ('Pending', 'Leased') GROUP BY b.sweep_id, j.key)
                UPDATE sweep_jobs SET open_batches = open.batches FROM open WHERE sweep_jobs.sweep_id = open.sweep_id AND sweep_jobs.job_key = open.job_key
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "inbox");

            migrationBuilder.DropTable(
                name: "outbox");

            migrationBuilder.DropTable(
                name: "schema_info");

            migrationBuilder.DropIndex(
                name: "IX_sweeps_submit_key",
                table: "sweeps");

            migrationBuilder.DropColumn(
                name: "submit_key",
                table: "sweeps");

            migrationBuilder.DropColumn(
                name: "open_batches",
                table: "sweep_jobs");

            migrationBuilder.DropColumn(
                name: "outcome",
                table: "sweep_jobs");

            migrationBuilder.DropColumn(
                name: "reason",
                table: "sweep_jobs");

            migrationBuilder.DropColumn(
                name: "attempt",
                table: "item_results");

            migrationBuilder.DropColumn(
                name: "used_at",
                table: "artifacts");
        }
    }
}
