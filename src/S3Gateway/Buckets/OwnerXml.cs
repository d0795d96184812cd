using Vault.S3Gateway.Auth;

namespace Vault.S3Gateway.Buckets;

/// <summary>The project as documents show an owner.</summary>
internal static class OwnerXml
{
    /// <summary>An element with the owner's id and name.</summary>
    public static void Write(S3XmlWriter document, ReadOnlySpan<byte> element, S3Caller owner)
    {
        document.Start(element);
        document.Element("ID"u8, owner.Owner.CanonicalId);
        document.Element("DisplayName"u8, owner.Project.Name);
        document.End(element);
    }

    /// <summary>The control list of what was never shared: its owner may do everything.</summary>
    public static void WriteAcl(S3XmlWriter document, S3Caller owner)
    {
        document.StartDocument("AccessControlPolicy"u8);
        Write(document, "Owner"u8, owner);
        document.Start("AccessControlList"u8);
        document.Start("Grant"u8);
        document.Raw("<Grantee xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"CanonicalUser\">"u8);
        document.Element("ID"u8, owner.Owner.CanonicalId);
        document.Element("DisplayName"u8, owner.Project.Name);
        document.End("Grantee"u8);
        document.Element("Permission"u8, "FULL_CONTROL"u8);
        document.End("Grant"u8);
        document.End("AccessControlList"u8);
        document.End("AccessControlPolicy"u8);
    }
}
