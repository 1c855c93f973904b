using Sweep.Persistence.Postgres;
using Xunit;

namespace Sweep.Persistence.Tests.Postgres;

public sealed class PostgresConnectionTests
{
    private const string Secret = "s3cret";

    [Theory]
    [InlineData("", "found nothing")]
    [InlineData($"postgres://user:{Secret}@db/sweep", "found a URI")]
    [InlineData($"postgres://user:p={Secret}@db/sweep", "no list of known keywords")]
    [InlineData($"Host=db;Database=sweep;Passwort={Secret}", "no list of known keywords")]
    [InlineData($"Host=db;Database=sweep;Port={Secret}", "no list of known keywords")]
    [InlineData($"Host=db;Database=sweep;Port=99999999999999;Password={Secret}", "no list of known keywords")]
    [InlineData($"Database=sweep;Password={Secret}", "found no Host")]
    [InlineData($"Host=db;Password={Secret}", "found no Database")]
    [InlineData($"Host=db;Database=sweep;Multiplexing=true;Password={Secret}", "found Multiplexing=true")]
    public void ConnectionString_ThatCannotWork_IsNamedWithSettingAndVariableAndNeverShown(string connectionString, string found)
    {
        var problem = Assert.Single(new PostgresStoreOptions { ConnectionString = connectionString }.Problems());
        Assert.StartsWith("Sweep:Store:ConnectionString (Sweep__Store__ConnectionString): ", problem, StringComparison.Ordinal);
        Assert.Contains(found, problem, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_OutOfRange_AreEachNamed()
    {
        var options = new PostgresStoreOptions { ConnectionString = "Host=db;Database=sweep", StatementTimeoutSeconds = 0, Retries = 11 };
        Assert.Equal(["Sweep:Store:StatementTimeoutSeconds", "Sweep:Store:Retries"], options.Problems().Select(problem => problem.Split(' ')[0]));
        Assert.Empty((options with { StatementTimeoutSeconds = 1, Retries = 0 }).Problems());
    }

    [Fact]
    public void Place_OfAConnectionString_HasNoPassword() =>
        Assert.Equal("db:6432/sweep", PostgresConnection.Place($"Host=db;Port=6432;Database=sweep;Username=u;Password={Secret}"));

    [Fact]
    public void Settings_ThatTheUserGives_AreKept()
    {
        using var source = PostgresConnection.Open(new PostgresStoreOptions
        {
            ConnectionString = "Host=db;Database=sweep;Maximum Pool Size=7;Command Timeout=99;SSL Mode=VerifyFull",
            StatementTimeoutSeconds = 10,
        });
        var settings = new Npgsql.NpgsqlConnectionStringBuilder(source.ConnectionString);
        Assert.Equal((7, 99, Npgsql.SslMode.VerifyFull, 10), (settings.MaxPoolSize, settings.CommandTimeout, settings.SslMode, settings.Timeout));
        Assert.Contains("statement_timeout=10000", settings.Options, StringComparison.Ordinal);
        Assert.Contains("idle_in_transaction_session_timeout=5000", settings.Options, StringComparison.Ordinal);
    }
}
