using System.Text;
using Vault.Protocol.Checksums;
using Vault.Protocol.Credentials;
using Vault.Protocol.Ids;

namespace Vault.Protocol.Tests;

public sealed class TextFuzzTests
{
    [Fact]
    public void Every_text_that_is_accepted_reads_back_as_itself()
    {
        string[] samples =
        [
            ObjectId.New(DateTimeOffset.UnixEpoch).ToString(), ProjectId.New().Value, Cid.Compute([]).ToString(),
            Cid.Compute([]).ToCidV1(), AccessKeyId.Generate().Reveal(), ETag.Compute([]).ToString() + "-17",
            "some.bucket-name", "y/Q5Jg==", "a/key/é\U0001F600", RecoveryKey.Generate().Text,
        ];
        Fuzz.Mutations([.. samples.Select(Encoding.UTF8.GetBytes)], input =>
        {
            var text = Encoding.UTF8.GetString(input);
            Same(text, ObjectId.TryParse(text, out var objectId), objectId.ToString);
            Same(text, ProjectId.TryParse(text, out var projectId), projectId.ToString);
            Same(text, AccessKeyId.TryParse(text, out var accessKeyId), () => accessKeyId!.Reveal());
            Same(text, ETag.TryParse(text, out var etag), etag.ToString);
            Same(text, BucketName.TryParse(text, out var bucket), bucket.ToString);
            Same(text, ObjectKey.TryParse(text, out var key), () => key!.ToString());
            Same(text, Checksum.TryParse(ChecksumAlgorithm.Crc32, text, out var checksum), checksum.ToString);
            Same(text, Cid.TryParse(text, out var cid), () => text.Length == 64 ? cid.ToString() : cid.ToCidV1());
            if (RecoveryKey.TryParse(text, out var recovered))
            {
                recovered.Dispose();
            }
        });
    }

    private static void Same(string text, bool accepted, Func<string> written)
    {
        if (accepted)
        {
            Assert.Equal(text, written());
        }
    }
}
