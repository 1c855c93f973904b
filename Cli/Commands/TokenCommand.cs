using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using Sweep.Cli.Access;
using Sweep.Contracts.Json;
using Sweep.Persistence.Access;

namespace Sweep.Cli.Commands;

/// <summary>`sweep token create|list|revoke`: tokens of programs that call the dashboard's API.</summary>
internal static class TokenCommand
{
    public static Command Create() => new("token", "Tokens of programs that call the dashboard's HTTP API.") { CreateCreate(), CreateList(), CreateRevoke() };

    private static Command CreateCreate()
    {
        var (role, store) = (AccessSession.Role(), CommonOptions.Store());
        var name = new Argument<string>("name") { Description = "What it is for, for instance nightly-ci." };
        var days = new Option<int>("--days")
        {
            Description = "How long it is good for.",
            HelpName = "N",
            DefaultValueFactory = _ => 90,
            CustomParser = result => OptionValues.WholeNumber(result, 1, 366),
        };
        var command = new Command("create", "Make a token. It is shown this once: what the store keeps is its hash.") { name, role, days, store };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var called = parsed.GetValue(name)!;
            if (called.Length is 0 or > 80 || called.Any(char.IsControl))
                throw new WrongInputException("name: found something else, expected 1 to 80 characters in one line");
            var access = await AccessSession.OpenAsync(parsed.GetValue(store)!, create: true, cancellationToken);
            var (token, record) = await AccessSession.Administration(access).CreateTokenAsync(called, parsed.GetValue(role), TimeSpan.FromDays(parsed.GetValue(days)), cancellationToken);
            // The token alone on standard output, for whoever pipes it into a vault.
            Console.WriteLine(token.Reveal());
            Console.Error.WriteLine($"sweep: token {record.Id} ({called}, {record.Role.ToString().ToLowerInvariant()}) is good until {record.ExpiresAt.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture)}; it is not shown again");
            return ExitCode.Done;
        });
        return command;
    }

    private static Command CreateList()
    {
        var (json, store) = (CommonOptions.Json(), CommonOptions.Store());
        var command = new Command("list", "List tokens, without their secrets.") { store, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var tokens = await (await AccessSession.OpenAsync(parsed.GetValue(store)!, create: false, cancellationToken)).ListTokensAsync(cancellationToken);
            var now = TimeProvider.System.GetUtcNow();
            if (parsed.GetValue(json))
            {
                var shown = tokens.Select(token => new { token.Id, token.Name, token.Role, State = StateOf(token, now), token.CreatedBy, token.CreatedAt, token.ExpiresAt, token.RevokedAt });
                Console.WriteLine(JsonSerializer.Serialize(shown, SweepJson.Indented));
                return ExitCode.Done;
            }

            var table = new Table().Border(TableBorder.Simple).AddColumns("id", "name", "role", "state", "until", "made by");
            foreach (var token in tokens)
                table.AddRow(token.Id, Markup.Escape(token.Name), token.Role.ToString().ToLowerInvariant(), StateOf(token, now), token.ExpiresAt.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), Markup.Escape(token.CreatedBy));
            AnsiConsole.Write(table);
            return ExitCode.Done;
        });
        return command;
    }

    private static Command CreateRevoke()
    {
        var store = CommonOptions.Store();
        var id = new Argument<string>("id") { Description = "The token's id, as 'sweep token list' shows it." };
        var command = new Command("revoke", "Revoke a token: it stops at once.") { id, store };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var which = parsed.GetValue(id)!;
            var access = await AccessSession.OpenAsync(parsed.GetValue(store)!, create: false, cancellationToken);
            return AccessSession.Finish(await AccessSession.Administration(access).RevokeTokenAsync(which, cancellationToken), $"{which}: revoked");
        });
        return command;
    }

    private static string StateOf(TokenRecord token, DateTimeOffset now) => token.RevokedAt is not null ? "revoked" : now >= token.ExpiresAt ? "expired" : "valid";
}
