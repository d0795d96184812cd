namespace Vault.Load.Client;

/// <summary>What came back.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Bytes">Bytes of the body.</param>
/// <param name="Matches">False when the body was compared and differs.</param>
/// <param name="Text">The body of a refusal or of a collected reply; else empty.</param>
internal readonly record struct HttpReply(int Status, long Bytes, bool Matches, string Text)
{
    public bool IsSuccess => Status is >= 200 and < 300;
}
