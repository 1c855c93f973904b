using Npgsql;
using Sweep.Contracts.Store;
using Sweep.Persistence.Postgres;
using Xunit;

namespace Sweep.Persistence.Tests.Postgres;

public sealed class PostgresErrorsTests
{
    [Theory]
    [InlineData("08006")] // connection failure
    [InlineData("25006")] // read-only transaction
    [InlineData("25P03")] // idle in transaction
    [InlineData("28P01")] // wrong password
    [InlineData("40001")] // serialization failure
    [InlineData("40P01")] // deadlock
    [InlineData("42501")] // permission denied
    [InlineData("53100")] // disk full
    [InlineData("53300")] // too many connections
    [InlineData("55P03")] // lock not available
    [InlineData("57014")] // statement timeout
    [InlineData("57P01")] // administrator's shutdown
    [InlineData("57P03")] // starting up
    [InlineData("58030")] // input or output
    public void Refusal_ThatAnOperatorCanMend_MayBeWaitedFor(string state)
    {
        var unavailable = Assert.IsType<StoreUnavailableException>(PostgresErrors.Explain("db:5432/sweep", Refused(state)));
        Assert.Equal($"the store db:5432/sweep refused: {state} the text", unavailable.Message);
        // The driver's own exceptions do not cross from silo to silo.
        Assert.IsNotAssignableFrom<NpgsqlException>(unavailable.InnerException);
    }

    [Theory]
    [InlineData("23505")] // unique
    [InlineData("22P02")] // not a number
    [InlineData("42601")] // syntax
    [InlineData("42703")] // no such column
    public void Refusal_OfAWrongStatement_IsABug(string state) =>
        Assert.IsType<InvalidOperationException>(PostgresErrors.Explain("db:5432/sweep", Refused(state)));

    [Theory]
    [InlineData("40001", true)]
    [InlineData("40P01", true)]
    [InlineData("57P01", true)]
    [InlineData("57014", false)]
    [InlineData("53300", false)]
    [InlineData("42501", false)]
    public void Refusal_OfAMeeting_IsTriedAgainAtOnce(string state, bool again) => Assert.Equal(again, PostgresErrors.MayWorkAtOnce(Refused(state)));

    private static PostgresException Refused(string state) => new("the text", "ERROR", "ERROR", state);
}
