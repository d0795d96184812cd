using Vault.Protocol.SigV4;

namespace Vault.Protocol.Tests.SigV4;

/// <summary>The credentials and clock of Amazon's published examples.</summary>
internal static class SigV4Fixture
{
    public const string AccessKeyId = "AKIAIOSFODNN7EXAMPLE";
    public const string Secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    public const string Host = "examplebucket.s3.amazonaws.com";

    public static DateTimeOffset Now { get; } = new(2013, 5, 24, 0, 0, 0, TimeSpan.Zero);

    public static SigV4Options Options { get; } = new();

    public static SigV4Signer Signer() => new(AccessKeyId, Secret, "us-east-1");

    public static SigningKeys Keys() => new(Secret);

    /// <summary>A request signed in its header.</summary>
    public static SignableRequest Signed(string method, string target, string payload = PayloadModes.EmptyHash)
    {
        var request = new SignableRequest(method, target, Host);
        using var signer = Signer();
        signer.Sign(request, payload, Now).Dispose();
        return request;
    }

    /// <summary>A presigned target for <see cref="Host"/>.</summary>
    public static string Presigned(string method, string target, int seconds = 3600)
    {
        using var signer = Signer();
        return signer.Presign(new SignableRequest(method, target, Host), Now, TimeSpan.FromSeconds(seconds));
    }

    public static SigV4Outcome Verify(SignableRequest request, DateTimeOffset? now = null, SigV4Options? options = null)
    {
        var outcome = SigV4Parser.Parse(request, options ?? Options, now ?? Now, out var claim, out _);
        using var keys = Keys();
        return outcome == SigV4Outcome.Ok ? SigV4Verifier.Verify(request, claim!, keys) : outcome;
    }

    /// <summary>The same headers with another method or target.</summary>
    public static SignableRequest Copy(this SignableRequest request, string? method = null, string? target = null)
    {
        var copy = new SignableRequest(method ?? request.Method, target ?? request.RawTarget, Host);
        foreach (var (name, value) in request.Headers)
            copy.With(name, value);
        return copy;
    }

    public static string SignatureOf(SignableRequest request) =>
        request.Headers["authorization"].Split("Signature=")[1];
}
