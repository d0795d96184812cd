namespace Vault.Client.Keys;

/// <summary>Users other than its owner may read a file that holds keys; it is not used before that is mended.</summary>
/// <param name="path">The file.</param>
public sealed class KeysExposedException(string path)
    : UnauthorizedAccessException($"'{path}' holds keys and others may read it: run chmod 600 '{path}'.");
