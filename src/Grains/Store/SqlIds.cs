using System.Buffers.Binary;
using Vault.Protocol.Ids;
using Vault.Sql;

namespace Vault.Grains.Store;

/// <summary>How ids go into 16-byte blobs and come out again.</summary>
internal static class SqlIds
{
    public static void Id(this SqlParameters parameters, string name, BucketId id) => parameters.Id(name, id.Value);

    public static void Id(this SqlParameters parameters, string name, ObjectId id) => parameters.Id(name, id.Value);

    public static void Id(this SqlParameters parameters, string name, UploadId id) => parameters.Id(name, id.Value);

    public static void Id(this SqlParameters parameters, string name, VersionId id) => parameters.Id(name, id.Value);

    public static void Id(this SqlParameters parameters, string name, ObjectId? id)
    {
        if (id is { } present)
        {
            parameters.Id(name, present.Value);
        }
        else
        {
            parameters.Blob(name, (byte[]?)null);
        }
    }

    public static BucketId BucketId(this SqlRow row, int column) => new(row.Id(column));

    public static ObjectId ObjectId(this SqlRow row, int column) => new(row.Id(column));

    public static ObjectId? ObjectIdOrNull(this SqlRow row, int column) =>
        row.IsNull(column) ? null : new ObjectId(row.Id(column));

    public static UploadId UploadId(this SqlRow row, int column) => new(row.Id(column));

    public static VersionId VersionId(this SqlRow row, int column) => new(row.Id(column));

    public static ProjectId ProjectId(this SqlRow row, int column) =>
        Vault.Protocol.Ids.ProjectId.TryParse(row.Text(column), out var id)
            ? id
            : throw new InvalidDataException("The database holds a project id that is none.");

    public static TenantId TenantId(this SqlRow row, int column) =>
        Vault.Protocol.Ids.TenantId.TryParse(row.Text(column), out var id)
            ? id
            : throw new InvalidDataException("The database holds a tenant id that is none.");

    public static int Int(this SqlRow row, int column) => checked((int)row.Bigint(column));

    private static void Id(this SqlParameters parameters, string name, UInt128 value)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, value);
        parameters.Blob(name, bytes);
    }

    private static UInt128 Id(this SqlRow row, int column) =>
        BinaryPrimitives.ReadUInt128BigEndian(row.BlobSpan(column));
}
