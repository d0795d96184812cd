using System.Net;
using System.Text;
using System.Xml.Linq;
using Vault.Testing;

namespace Vault.Cluster.Tests;

public sealed class CompleteRaceTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Simultaneous_completes_of_one_upload_all_get_the_same_answer_and_disturb_nobody()
    {
        await using var vault = await VaultProcess.StartAsync();
        using var client = new S3TestClient(vault);
        await client.CreateBucketAsync("race", Token);
        for (var round = 0; round < 12; round++)
        {
            var target = $"/race/upload-{round}";
            using var created = await client.SendAsync("POST", $"{target}?uploads=", [], cancellationToken: Token);
            var id = XDocument.Parse(await created.Content.ReadAsStringAsync(Token))
                .Descendants()
                .Single(e => e.Name.LocalName == "UploadId").Value;
            using var part = await client.SendAsync(
                "PUT", $"{target}?partNumber=1&uploadId={id}", new byte[10_000], cancellationToken: Token);
            var list = Encoding.UTF8.GetBytes(
                "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber>"
                + $"<ETag>{part.Headers.ETag!.Tag}</ETag></Part></CompleteMultipartUpload>");
            var completes = Enumerable.Range(0, 8).Select(async _ =>
            {
                using var answer = await client.SendAsync(
                    "POST", $"{target}?uploadId={id}", list, cancellationToken: Token);
                var text = await answer.Content.ReadAsStringAsync(Token);
                Assert.True(answer.StatusCode == HttpStatusCode.OK, text);
                return XDocument.Parse(text).Descendants().Single(e => e.Name.LocalName == "ETag").Value;
            }).ToArray();
            var others = Enumerable.Range(0, 8)
                .Select(i => client.PutAsync("race", $"other-{round}-{i}", [1], Token))
                .ToArray();
            await Task.WhenAll(others);
            Assert.Single((await Task.WhenAll(completes)).Distinct());
        }
    }
}
