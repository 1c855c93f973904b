using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Sweep.Persistence.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class PackedPairs : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<double>(
                name: "pair_log_likelihood",
                table: "item_results",
                type: "REAL",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "pair_metrics",
                table: "item_results",
                type: "TEXT",
                nullable: true);

            // Programs of the schema before it go on: what they write has no pair.
            migrationBuilder.Sql("UPDATE schema_info SET version = 3");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("UPDATE schema_info SET version = 2");

            migrationBuilder.DropColumn(
                name: "pair_log_likelihood",
                table: "item_results");

            migrationBuilder.DropColumn(
                name: "pair_metrics",
                table: "item_results");
        }
    }
}
