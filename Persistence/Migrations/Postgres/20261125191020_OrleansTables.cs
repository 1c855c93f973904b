using Microsoft.EntityFrameworkCore.Migrations;
using Sweep.Persistence.Postgres;

#nullable disable

namespace Sweep.Persistence.Migrations.Postgres
{
    /// <summary>
    /// What Orleans keeps of clusters, grains and reminders. Its statements may be run on any earlier form of themselves: a later change of <see cref="OrleansSchema"/> takes a migration
    /// that runs them again.
    /// </summary>
    public partial class OrleansTables : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            foreach (var statement in OrleansSchema.Statements())
                migrationBuilder.Sql(statement);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder) =>
            migrationBuilder.Sql("DROP TABLE orleans_reminders, orleans_grain_states, orleans_members, orleans_clusters, orleansquery");
    }
}
