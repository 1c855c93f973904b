using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Sweep.Persistence.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class SummaryParts : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "summaries",
                columns: table => new
                {
                    sweep_id = table.Column<string>(type: "text", nullable: false),
                    document_bytes = table.Column<long>(type: "bigint", nullable: false),
                    head = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_summaries", x => x.sweep_id);
                    table.ForeignKey(
                        name: "FK_summaries_sweeps_sweep_id",
                        column: x => x.sweep_id,
                        principalTable: "sweeps",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "summary_cells",
                columns: table => new
                {
                    sweep_id = table.Column<string>(type: "text", nullable: false),
                    ordinal = table.Column<int>(type: "integer", nullable: false),
                    kind = table.Column<string>(type: "text", nullable: true),
                    model = table.Column<string>(type: "text", nullable: false),
                    benchmark = table.Column<string>(type: "text", nullable: false),
                    bottleneck = table.Column<string>(type: "text", nullable: false),
                    scalar = table.Column<double>(type: "double precision", nullable: true),
                    unit = table.Column<string>(type: "text", nullable: false),
                    n = table.Column<int>(type: "integer", nullable: false),
                    effect = table.Column<double>(type: "double precision", nullable: true),
                    effect_low = table.Column<double>(type: "double precision", nullable: true),
                    effect_high = table.Column<double>(type: "double precision", nullable: true),
                    diverged = table.Column<int>(type: "integer", nullable: false),
                    family_p = table.Column<double>(type: "double precision", nullable: true),
                    control_rank = table.Column<int>(type: "integer", nullable: true),
                    controls = table.Column<int>(type: "integer", nullable: false),
                    band_sets = table.Column<int>(type: "integer", nullable: false),
                    band_lowest = table.Column<double>(type: "double precision", nullable: true),
                    band_median = table.Column<double>(type: "double precision", nullable: true),
                    band_highest = table.Column<double>(type: "double precision", nullable: true),
                    payload = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_summary_cells", x => new { x.sweep_id, x.ordinal });
                    table.ForeignKey(
                        name: "FK_summary_cells_sweeps_sweep_id",
                        column: x => x.sweep_id,
                        principalTable: "sweeps",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "summary_rows",
                columns: table => new
                {
                    sweep_id = table.Column<string>(type: "text", nullable: false),
                    ordinal = table.Column<int>(type: "integer", nullable: false),
                    model = table.Column<string>(type: "text", nullable: false),
                    benchmark = table.Column<string>(type: "text", nullable: false),
                    unit = table.Column<string>(type: "text", nullable: false),
                    test_items = table.Column<int>(type: "integer", nullable: false),
                    effect = table.Column<double>(type: "double precision", nullable: false),
                    payload = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_summary_rows", x => new { x.sweep_id, x.ordinal });
                    table.ForeignKey(
                        name: "FK_summary_rows_sweeps_sweep_id",
                        column: x => x.sweep_id,
                        principalTable: "sweeps",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_summary_cells_sweep_id_kind_model_benchmark_bottleneck",
                table: "summary_cells",
                columns: new[] { "sweep_id", "kind", "model", "benchmark", "bottleneck" });

            // Programs of the schema before it go on: of summaries that they write, the parts are made when somebody looks.
            migrationBuilder.Sql("UPDATE schema_info SET version = 5");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("UPDATE schema_info SET version = 4");

            migrationBuilder.DropTable(
                name: "summaries");

            migrationBuilder.DropTable(
                name: "summary_cells");

            migrationBuilder.DropTable(
                name: "summary_rows");
        }
    }
}
