using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using Sweep.Cli.Access;
using Sweep.Contracts.Json;

namespace Sweep.Cli.Commands;

/// <summary>`sweep user add|list|passwd|rm`: who may log in at a dashboard with Sweep:Dashboard:Login=local; users of an issuer are listed and removed here, too.</summary>
internal static class UserCommand
{
    public static Command Create() => new("user", "Users of the dashboard: those who log in with a password, and those of an issuer who have logged in.")
    {
        CreateAdd(),
        CreateList(),
        CreatePassword(),
        CreateRemove(),
    };

    private static Argument<string> Name() => new("name") { Description = "The user's name." };

    private static Command CreateAdd()
    {
        var (name, role, store) = (Name(), AccessSession.Role(), CommonOptions.Store());
        var command = new Command("add", $"Add a user. The password is asked for, or comes from ${SecretInput.Variable} or the first line of standard input.") { name, role, store };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (who, what) = (parsed.GetValue(name)!, parsed.GetValue(role));
            var access = await AccessSession.OpenAsync(parsed.GetValue(store)!, create: true, cancellationToken);
            var password = SecretInput.Read(Console.In, Console.IsInputRedirected);
            return AccessSession.Finish(await AccessSession.Administration(access).AddUserAsync(who, what, password, cancellationToken), $"{who}: added as {what.ToString().ToLowerInvariant()}");
        });
        return command;
    }

    private static Command CreateList()
    {
        var (json, store) = (CommonOptions.Json(), CommonOptions.Store());
        var command = new Command("list", "List users.") { store, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var users = await (await AccessSession.OpenAsync(parsed.GetValue(store)!, create: false, cancellationToken)).ListUsersAsync(cancellationToken);
            if (parsed.GetValue(json))
            {
                var shown = users.Select(user => new { user.Name, user.DisplayName, user.Role, HasPassword = user.PasswordHash is not null, user.CreatedAt });
                Console.WriteLine(JsonSerializer.Serialize(shown, SweepJson.Indented));
                return ExitCode.Done;
            }

            var table = new Table().Border(TableBorder.Simple).AddColumns("name", "called", "role", "logs in", "since");
            foreach (var user in users)
            {
                table.AddRow(
                    Markup.Escape(user.Name),
                    Markup.Escape(user.DisplayName),
                    user.Role.ToString().ToLowerInvariant(),
                    user.PasswordHash is null ? "at the issuer" : "here",
                    user.CreatedAt.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
            }

            AnsiConsole.Write(table);
            return ExitCode.Done;
        });
        return command;
    }

    private static Command CreatePassword()
    {
        var (name, store) = (Name(), CommonOptions.Store());
        var command = new Command("passwd", $"Give a user another password; sessions under the old one end. It is asked for, or comes from ${SecretInput.Variable} or standard input.") { name, store };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var who = parsed.GetValue(name)!;
            var access = await AccessSession.OpenAsync(parsed.GetValue(store)!, create: false, cancellationToken);
            var password = SecretInput.Read(Console.In, Console.IsInputRedirected);
            return AccessSession.Finish(await AccessSession.Administration(access).ChangePasswordAsync(who, password, cancellationToken), $"{who}: has another password");
        });
        return command;
    }

    private static Command CreateRemove()
    {
        var (name, store) = (Name(), CommonOptions.Store());
        var command = new Command("rm", "Remove a user; open sessions end at once. A user of an issuer may log in again for as long as the issuer gives a role.") { name, store };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var who = parsed.GetValue(name)!;
            var access = await AccessSession.OpenAsync(parsed.GetValue(store)!, create: false, cancellationToken);
            return AccessSession.Finish(await AccessSession.Administration(access).RemoveUserAsync(who, cancellationToken), $"{who}: removed");
        });
        return command;
    }
}
