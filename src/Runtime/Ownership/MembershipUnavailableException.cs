namespace Vault.Runtime.Ownership;

/// <summary>The membership tables can't be used now; whether a change happened is unknown.</summary>
internal sealed class MembershipUnavailableException(string message, Exception? inner = null)
    : Exception(message, inner);
