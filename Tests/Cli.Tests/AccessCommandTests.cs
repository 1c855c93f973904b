using System.Text.Json.Nodes;
using Sweep.Cli.Access;
using Sweep.Dashboard.Access;
using Sweep.Persistence.Access;
using Sweep.Persistence.Sqlite;
using Sweep.Tests;
using Xunit;

namespace Sweep.Cli.Tests;

/// <summary>`sweep user` and `sweep token`.</summary>
[Collection(Terminal.Collection)]
public sealed class AccessCommandTests : IDisposable
{
    private const string Password = "correct horse battery";

    private readonly TemporaryFolder _folder = new();

    private string Store => Path.Combine(_folder.Path, "sweep.db");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task User_AddChangeRemove_IsInTheStoreAndItsJournal()
    {
        Assert.Equal("ada: added as operator\n", (await TypedAsync(Password, "user", "add", "ada", "--role", "operator")).Done().Output);
        var access = await OpenAsync();
        var ada = (await access.FindUserAsync("ada", Token))!;
        Assert.Equal(AccessRole.Operator, ada.Role);
        Assert.True(Passwords.Proves(ada.PasswordHash, Password));

        (await TypedAsync("another horse battery", "user", "passwd", "ada")).Done();
        var changed = (await access.FindUserAsync("ada", Token))!;
        Assert.True(Passwords.Proves(changed.PasswordHash, "another horse battery"));
        Assert.NotEqual(ada.Stamp, changed.Stamp);

        var list = (await RunAsync("user", "list")).Done().Output;
        Assert.Contains("ada", list, StringComparison.Ordinal);
        var json = (await RunAsync("user", "list", "--json")).Done().Output;
        Assert.True((bool)JsonNode.Parse(json)![0]!["has_password"]!);
        Assert.All(new[] { list, json }, text => Assert.DoesNotContain(changed.PasswordHash!, text, StringComparison.Ordinal));

        (await RunAsync("user", "rm", "ada")).Done();
        Assert.Empty(await access.ListUsersAsync(Token));
        var journal = await access.ReadJournalAsync(long.MaxValue, 10, Token);
        Assert.Equal(["user.remove", "user.passwd", "user.add"], journal.Select(entry => entry.Action));
        Assert.All(journal, entry => Assert.Equal(($"command:{Environment.UserName}", Environment.MachineName), (entry.Actor, entry.Origin)));
    }

    [Theory]
    [InlineData("short", "ada", "password: found 5 characters, expected 12 to 200")]
    [InlineData("", "ada", "password: found none on standard input")]
    [InlineData(Password, "Ada", "user name: found 'Ada'")]
    [InlineData(Password, "oidc-1", "does not begin with 'oidc-'")]
    public async Task UserAdd_WrongNameOrPassword_IsRefused(string password, string name, string expected) =>
        Assert.DoesNotContain(Password, (await TypedAsync(password, "user", "add", name, "--role", "viewer")).Refuses(expected).Error, StringComparison.Ordinal);

    [Fact]
    public async Task User_UnknownTwiceOrWithoutRole_IsRefused()
    {
        (await TypedAsync(Password, "user", "add", "ada", "--role", "viewer")).Done();
        (await TypedAsync(Password, "user", "add", "ada", "--role", "admin")).Refuses("user 'ada': found one of this name, expected a new one");
        (await TypedAsync(Password, "user", "passwd", "bob")).Refuses("user 'bob': found none of this name");
        (await RunAsync("user", "rm", "bob")).Refuses("user 'bob': found none of this name");
        (await TypedAsync(Password, "user", "add", "bob", "--role", "root")).Refuses("expected viewer, operator");
        (await TypedAsync(Password, "user", "add", "bob")).Refuses("--role");
    }

    [Fact]
    public async Task Token_CreateListRevoke_ShowsTheSecretOnce()
    {
        var created = (await RunAsync("token", "create", "nightly-ci", "--role", "operator", "--days", "7")).Done();
        var token = ApiToken.Read(created.Output.TrimEnd('\n'))!;
        var access = await OpenAsync();
        var record = (await access.FindTokenAsync(token.Id, Token))!;
        Assert.True(token.Proves(record.SecretHash));
        Assert.Equal(TimeSpan.FromDays(7), record.ExpiresAt - record.CreatedAt);
        Assert.Contains("it is not shown again", created.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(token.Secret, created.Error, StringComparison.Ordinal);

        var list = (await RunAsync("token", "list", "--json")).Done().Output;
        Assert.Equal(("nightly-ci", "valid"), ((string?)JsonNode.Parse(list)![0]!["name"], (string?)JsonNode.Parse(list)![0]!["state"]));
        Assert.DoesNotContain(token.Secret, list, StringComparison.Ordinal);
        (await RunAsync("token", "revoke", token.Id)).Done();
        (await RunAsync("token", "revoke", token.Id)).Refuses($"token '{token.Id}': found none of this id that is not revoked");
        Assert.Contains("revoked", (await RunAsync("token", "list")).Done().Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("400")]
    [InlineData("soon")]
    public async Task TokenCreate_WrongDays_IsRefused(string days) => (await RunAsync("token", "create", "ci", "--role", "viewer", "--days", days)).Refuses("--days");

    /// <summary>Whatever lists processes would show it.</summary>
    [Fact]
    public void Commands_Options_TakeNoSecret()
    {
        var options = CommandLine.Create().Subcommands.Where(command => command.Name is "user" or "token").SelectMany(command => command.Subcommands).SelectMany(command => command.Options.Select(option => option.Name).Concat(command.Arguments.Select(argument => argument.Name)));
        Assert.Equal(["--days", "--json", "--role", "--store", "id", "name"], options.Distinct().Order(StringComparer.Ordinal));
        Assert.Equal("SWEEP_PASSWORD", SecretInput.Variable);
    }

    private async Task<IAccessStore> OpenAsync() => (await SqliteSweepStore.OpenAsync(Store, Token)).Access();

    private Task<CommandOutcome> RunAsync(params string[] arguments) => Terminal.RunAsync([.. arguments, "--store", Store]);

    /// <summary>With this line on standard input.</summary>
    private async Task<CommandOutcome> TypedAsync(string line, params string[] arguments)
    {
        var input = Console.In;
        Console.SetIn(new StringReader(line + "\n"));
        try
        {
            return await RunAsync(arguments);
        }
        finally
        {
            Console.SetIn(input);
        }
    }
}
