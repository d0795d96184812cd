using System.CommandLine;
using System.Globalization;
using Vault.Load.Limits;
using Vault.Load.Ratios;
using Vault.Load.Running;

namespace Vault.Load;

/// <summary><c>load ratios</c>: compares the files that <c>limits</c> and <c>s3</c> wrote.</summary>
internal static class RatiosCommand
{
    private const string UnsignedMark = "unsigned";

    public static Command Create()
    {
        var directory = new Argument<DirectoryInfo>("directory")
        {
            Description = "Holds limits.json and s3-*.json; a name with 'unsigned' says that payloads were not signed",
        };
        var check = new Option<bool>("--check") { Description = "Exit code 1 when a ratio is not reached" };
        var command = new Command("ratios", "Print what was measured as shares of what the machine allows")
        {
            directory, check,
        };
        command.SetAction(parse => Run(parse.GetValue(directory)!, parse.GetValue(check)));
        return command;
    }

    private static int Run(DirectoryInfo directory, bool check)
    {
        var limits = Summary.Read<LimitsReport>(Path.Combine(directory.FullName, "limits.json"));
        var results = directory.GetFiles("s3-*.json")
            .Select(file => (
                Summary.Read<LoadReport>(file.FullName).Median,
                file.Name.Contains(UnsignedMark, StringComparison.Ordinal)))
            .ToArray();
        var ratios = RatioTable.Of(limits, results);
        foreach (var ratio in ratios)
        {
            Console.Error.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{ratio.Name,-50} {ratio.Share,6:n3}  {(ratio.Wanted is { } least ? $"wanted {least:n3}" : "")}" +
                $"{(ratio.IsReached ? "" : "  NOT REACHED")}"));
        }

        Summary.Write(ratios);
        return check && ratios.Any(ratio => !ratio.IsReached) ? 1 : 0;
    }
}
