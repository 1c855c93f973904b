namespace Sweep.Cli.Access;

/// <summary>A password that is never on the command line, where every process of the machine could read it: from the environment, from standard input, or typed unseen.</summary>
internal static class SecretInput
{
    public const string Variable = "SWEEP_PASSWORD";

    private const int Longest = 1000;

    public static string Read(TextReader input, bool isRedirected)
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } given)
            return given;
        if (isRedirected)
            return input.ReadLine() is { Length: > 0 and <= Longest } line ? line : throw new WrongInputException($"password: found none on standard input, expected it in its first line (or in ${Variable})");
        var first = Type("Password: ");
        return Type("Again: ") == first ? first : throw new WrongInputException("password: found two different ones, expected the same twice");
    }

    private static string Type(string prompt)
    {
        Console.Error.Write(prompt);
        var typed = new System.Text.StringBuilder();
        for (var key = Console.ReadKey(intercept: true); key.Key != ConsoleKey.Enter; key = Console.ReadKey(intercept: true))
        {
            if (key.Key == ConsoleKey.Backspace)
                typed.Length = Math.Max(0, typed.Length - 1);
            else if (!char.IsControl(key.KeyChar) && typed.Length < Longest)
                typed.Append(key.KeyChar);
        }

        Console.Error.WriteLine();
        return typed.ToString();
    }
}
