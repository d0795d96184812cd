using System.Buffers;
using Vault.ControlPlane.Http;
using Vault.Grains.Abstractions.Accounts;

namespace Vault.ControlPlane.Accounts;

/// <summary>Refusals of account grains as answers.</summary>
internal static class AccountProblems
{
    public static Problem Of(AccountStatus status, string what) => status switch
    {
        AccountStatus.NotFound => Problem.NotFound($"There is no such {what}."),
        AccountStatus.Conflict => Problem.Conflict($"Another {what} has the same id or e-mail address."),
        AccountStatus.NotEmpty => Problem.Conflict($"The {what} is not empty: delete what is in it first."),
        AccountStatus.QuotaExceeded => Problem.QuotaExceeded($"The limit on the number of {what}s is reached."),
        AccountStatus.NotActive => Problem.Forbidden($"The owner of the {what} is not active."),
        _ => Problem.Internal(),
    };
}

/// <summary>States as the API spells them.</summary>
internal static class AccountStates
{
    public static string Format(AccountState state) => state switch
    {
        AccountState.Active => "active",
        AccountState.ReadOnly => "read_only",
        AccountState.Suspended => "suspended",
        _ => "deleting",
    };

    /// <summary>Null stays null.</summary>
    public static bool TryParse(string? text, out AccountState? state)
    {
        state = text switch
        {
            "active" => AccountState.Active,
            "read_only" => AccountState.ReadOnly,
            "suspended" => AccountState.Suspended,
            _ => null,
        };
        return text is null || state is not null;
    }
}

/// <summary>E-mail addresses are checked for shape only; nobody is written to yet.</summary>
internal static class Emails
{
    private static readonly SearchValues<char> Forbidden = SearchValues.Create(" \r\n\t<>\"");

    public static bool IsPlausible(string? text) =>
        text is { Length: >= 3 and <= 254 } && text.IndexOf('@') is > 0 and var at && at < text.Length - 1
        && !text.AsSpan().ContainsAny(Forbidden) && !text.Any(char.IsControl);
}
