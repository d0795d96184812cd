using System.Text.Json.Serialization;
using Vault.ControlPlane.Accounts;
using Vault.ControlPlane.Credentials;
using Vault.ControlPlane.Health;
using Vault.ControlPlane.Tokens;

namespace Vault.ControlPlane.Http;

/// <summary>JSON of the control plane: snake_case, unknown members refused, depth 16.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    MaxDepth = 16)]
[JsonSerializable(typeof(ProblemBody))]
[JsonSerializable(typeof(HealthAnswer))]
[JsonSerializable(typeof(ReadyAnswer))]
[JsonSerializable(typeof(FrontAnswer))]
[JsonSerializable(typeof(DoneAnswer))]
[JsonSerializable(typeof(TenantRequest))]
[JsonSerializable(typeof(TenantPatch))]
[JsonSerializable(typeof(TenantAnswer))]
[JsonSerializable(typeof(TenantsAnswer))]
[JsonSerializable(typeof(ProjectRequest))]
[JsonSerializable(typeof(ProjectPatch))]
[JsonSerializable(typeof(ProjectCreated))]
[JsonSerializable(typeof(ProjectAnswer))]
[JsonSerializable(typeof(ProjectsAnswer))]
[JsonSerializable(typeof(EventsAnswer))]
[JsonSerializable(typeof(MintRequest))]
[JsonSerializable(typeof(MintAnswer))]
[JsonSerializable(typeof(VerifyRequest))]
[JsonSerializable(typeof(VerifyAnswer))]
[JsonSerializable(typeof(RevokeTokenRequest))]
[JsonSerializable(typeof(TokensAnswer))]
[JsonSerializable(typeof(CredentialRequest))]
[JsonSerializable(typeof(CredentialCreated))]
[JsonSerializable(typeof(CredentialsAnswer))]
[JsonSerializable(typeof(LookupRequest))]
[JsonSerializable(typeof(ResolvedAnswer))]
internal sealed partial class ControlJson : JsonSerializerContext;
