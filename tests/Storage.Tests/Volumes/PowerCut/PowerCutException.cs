namespace Vault.Storage.Tests.Volumes.PowerCut;

/// <summary>The machine or the process stopped here. No I/O error: nothing may handle it.</summary>
public sealed class PowerCutException() : Exception("The power was cut.");
