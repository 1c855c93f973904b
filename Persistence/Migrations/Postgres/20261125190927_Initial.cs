using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace Sweep.Persistence.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "artifacts",
                columns: table => new
                {
                    key = table.Column<string>(type: "text", nullable: false),
                    content = table.Column<byte[]>(type: "bytea", nullable: false),
                    used_at = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_artifacts", x => x.key);
                });

            migrationBuilder.CreateTable(
                name: "inbox",
                columns: table => new
                {
                    message_id = table.Column<string>(type: "text", nullable: false),
                    consumer = table.Column<string>(type: "text", nullable: false),
                    received_at = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_inbox", x => new { x.message_id, x.consumer });
                });

            migrationBuilder.CreateTable(
                name: "item_results",
                columns: table => new
                {
                    job_key = table.Column<long>(type: "bigint", nullable: false),
                    item_key = table.Column<long>(type: "bigint", nullable: false),
                    attempt = table.Column<long>(type: "bigint", nullable: true),
                    prompt_hash = table.Column<string>(type: "text", nullable: false),
                    response = table.Column<byte[]>(type: "bytea", nullable: true),
                    metrics = table.Column<string>(type: "text", nullable: false),
                    log_likelihood = table.Column<double>(type: "double precision", nullable: true),
                    log_likelihood_tokens = table.Column<int>(type: "integer", nullable: true),
                    gold_log_likelihoods = table.Column<string>(type: "text", nullable: true),
                    flags = table.Column<int>(type: "integer", nullable: false),
                    diverged_layer = table.Column<int>(type: "integer", nullable: true),
                    diverged_step = table.Column<int>(type: "integer", nullable: true),
                    positions_touched = table.Column<int>(type: "integer", nullable: false),
                    on_target_minimum = table.Column<double>(type: "double precision", nullable: true),
                    on_target_maximum = table.Column<double>(type: "double precision", nullable: true),
                    off_target_deviation = table.Column<double>(type: "double precision", nullable: true),
                    relative_change = table.Column<double>(type: "double precision", nullable: true),
                    next_token_kl = table.Column<double>(type: "double precision", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_item_results", x => new { x.job_key, x.item_key });
                });

            migrationBuilder.CreateTable(
                name: "items",
                columns: table => new
                {
                    key = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    item_id = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_items", x => x.key);
                });

            migrationBuilder.CreateTable(
                name: "jobs",
                columns: table => new
                {
                    key = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    job_id = table.Column<string>(type: "text", nullable: false),
                    spec = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_jobs", x => x.key);
                });

            migrationBuilder.CreateTable(
                name: "outbox",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    message_id = table.Column<string>(type: "text", nullable: false),
                    kind = table.Column<string>(type: "text", nullable: false),
                    payload = table.Column<string>(type: "text", nullable: false),
                    created_at = table.Column<long>(type: "bigint", nullable: false),
                    attempts = table.Column<int>(type: "integer", nullable: false),
                    next_at = table.Column<long>(type: "bigint", nullable: false),
                    last_error = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_outbox", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "schema_info",
                columns: table => new
                {
                    version = table.Column<int>(type: "integer", nullable: false),
                    oldest_compatible = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                });

            migrationBuilder.CreateTable(
                name: "sweeps",
                columns: table => new
                {
                    id = table.Column<string>(type: "text", nullable: false),
                    name = table.Column<string>(type: "text", nullable: false),
                    owner = table.Column<string>(type: "text", nullable: false),
                    plan = table.Column<string>(type: "text", nullable: false),
                    plan_text = table.Column<string>(type: "text", nullable: false),
                    resolution = table.Column<string>(type: "text", nullable: true),
                    summary = table.Column<string>(type: "text", nullable: true),
                    state = table.Column<string>(type: "text", nullable: false),
                    reason = table.Column<string>(type: "text", nullable: true),
                    submitted_at = table.Column<long>(type: "bigint", nullable: false),
                    finished_at = table.Column<long>(type: "bigint", nullable: true),
                    late_writes = table.Column<int>(type: "integer", nullable: false),
                    submit_key = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_sweeps", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "batches",
                columns: table => new
                {
                    id = table.Column<string>(type: "text", nullable: false),
                    sweep_id = table.Column<string>(type: "text", nullable: false),
                    number = table.Column<int>(type: "integer", nullable: false),
                    payload = table.Column<string>(type: "text", nullable: false),
                    weights_hash = table.Column<string>(type: "text", nullable: false),
                    rows = table.Column<int>(type: "integer", nullable: false),
                    status = table.Column<string>(type: "text", nullable: false),
                    token = table.Column<long>(type: "bigint", nullable: false),
                    attempts = table.Column<int>(type: "integer", nullable: false),
                    failed_attempts = table.Column<int>(type: "integer", nullable: false),
                    worker_id = table.Column<string>(type: "text", nullable: true),
                    reason = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_batches", x => x.id);
                    table.ForeignKey(
                        name: "FK_batches_sweeps_sweep_id",
                        column: x => x.sweep_id,
                        principalTable: "sweeps",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "sweep_jobs",
                columns: table => new
                {
                    sweep_id = table.Column<string>(type: "text", nullable: false),
                    ordinal = table.Column<int>(type: "integer", nullable: false),
                    job_key = table.Column<long>(type: "bigint", nullable: false),
                    benchmark = table.Column<int>(type: "integer", nullable: false),
                    open_batches = table.Column<int>(type: "integer", nullable: false, defaultValue: 0),
                    outcome = table.Column<string>(type: "text", nullable: true),
                    reason = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_sweep_jobs", x => new { x.sweep_id, x.ordinal });
                    table.ForeignKey(
                        name: "FK_sweep_jobs_jobs_job_key",
                        column: x => x.job_key,
                        principalTable: "jobs",
                        principalColumn: "key",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_sweep_jobs_sweeps_sweep_id",
                        column: x => x.sweep_id,
                        principalTable: "sweeps",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "attempts",
                columns: table => new
                {
                    batch_id = table.Column<string>(type: "text", nullable: false),
                    token = table.Column<long>(type: "bigint", nullable: false),
                    sweep_id = table.Column<string>(type: "text", nullable: false),
                    worker_id = table.Column<string>(type: "text", nullable: false),
                    started_at = table.Column<long>(type: "bigint", nullable: false),
                    ended_at = table.Column<long>(type: "bigint", nullable: true),
                    outcome = table.Column<string>(type: "text", nullable: true),
                    reason = table.Column<string>(type: "text", nullable: true),
                    rows_accepted = table.Column<int>(type: "integer", nullable: false),
                    rows_shared = table.Column<int>(type: "integer", nullable: false),
                    rows_rejected = table.Column<int>(type: "integer", nullable: false),
                    tokens = table.Column<long>(type: "bigint", nullable: false),
                    device_seconds = table.Column<double>(type: "double precision", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_attempts", x => new { x.batch_id, x.token });
                    table.ForeignKey(
                        name: "FK_attempts_batches_batch_id",
                        column: x => x.batch_id,
                        principalTable: "batches",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_attempts_sweep_id",
                table: "attempts",
                column: "sweep_id");

            migrationBuilder.CreateIndex(
                name: "IX_batches_sweep_id_number",
                table: "batches",
                columns: new[] { "sweep_id", "number" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_inbox_received_at",
                table: "inbox",
                column: "received_at");

            migrationBuilder.CreateIndex(
                name: "IX_items_item_id",
                table: "items",
                column: "item_id",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_jobs_job_id",
                table: "jobs",
                column: "job_id",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_outbox_message_id",
                table: "outbox",
                column: "message_id",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_outbox_next_at",
                table: "outbox",
                column: "next_at");

            migrationBuilder.CreateIndex(
                name: "IX_sweep_jobs_job_key",
                table: "sweep_jobs",
                column: "job_key");

            migrationBuilder.CreateIndex(
                name: "IX_sweep_jobs_sweep_id_job_key_benchmark",
                table: "sweep_jobs",
                columns: new[] { "sweep_id", "job_key", "benchmark" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_sweeps_state",
                table: "sweeps",
                column: "state");

            migrationBuilder.CreateIndex(
                name: "IX_sweeps_submit_key",
                table: "sweeps",
                column: "submit_key",
                unique: true);

            migrationBuilder.Sql("INSERT INTO schema_info (version, oldest_compatible) VALUES (2, 2)");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "artifacts");

            migrationBuilder.DropTable(
                name: "attempts");

            migrationBuilder.DropTable(
                name: "inbox");

            migrationBuilder.DropTable(
                name: "item_results");

            migrationBuilder.DropTable(
                name: "items");

            migrationBuilder.DropTable(
                name: "outbox");

            migrationBuilder.DropTable(
                name: "schema_info");

            migrationBuilder.DropTable(
                name: "sweep_jobs");

            migrationBuilder.DropTable(
                name: "batches");

            migrationBuilder.DropTable(
                name: "jobs");

            migrationBuilder.DropTable(
                name: "sweeps");
        }
    }
}
