using System.CommandLine;
using System.Globalization;

namespace Vault.Cli;

/// <summary>
/// Options that take a whole number; a malformed one is refused by the option's name and the expected form.
/// </summary>
public static class Numbers
{
    /// <summary>An option that may be left out.</summary>
    /// <param name="name">With its dashes.</param>
    /// <param name="description">For the help.</param>
    /// <param name="least">Smallest number taken.</param>
    /// <param name="most">Largest number taken.</param>
    public static Option<long?> Option(string name, string description, long least, long most) => new(name)
    {
        Description = description,
        CustomParser = result =>
        {
            var text = result.Tokens.Count > 0 ? result.Tokens[0].Value : "";
            if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
                && number >= least && number <= most)
            {
                return number;
            }

            result.AddError(string.Create(
                CultureInfo.InvariantCulture, $"{name} takes a whole number from {least} to {most}, not '{text}'"));
            return null;
        },
    };
}
