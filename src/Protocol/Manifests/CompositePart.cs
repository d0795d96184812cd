using Vault.Protocol.Ids;

namespace Vault.Protocol.Manifests;

/// <summary>One part of a multipart object.</summary>
/// <param name="Number">The part number the client chose, 1 to 10,000.</param>
/// <param name="Bytes">Plaintext length.</param>
/// <param name="ObjectId">The body, whose manifest is stored under this id.</param>
public readonly record struct CompositePart(int Number, long Bytes, ObjectId ObjectId);
