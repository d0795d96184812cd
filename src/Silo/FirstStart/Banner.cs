using Vault.Silo.Serve;

namespace Vault.Silo.FirstStart;

/// <summary>What <c>vault up</c> prints: every line below can be pasted as it is.</summary>
internal static class Banner
{
    public static void Print(TextWriter output, Listeners listeners, Owner owner, DataDirectory data)
    {
        var endpoint = DataDirectory.Text(listeners.S3!);
        var file = owner.File;
        output.WriteLine($"""
            Vault is running.
              S3 endpoint        {endpoint}{(listeners.S3Tls is { } tls ? $"  and {DataDirectory.Text(tls)}" : "")}
              Control plane      {DataDirectory.Text(listeners.Control)}   (/healthz /readyz /metrics /openapi/v1.json)
              Access key id      {file.AccessKeyId}
              Secret access key  {file.SecretAccessKey}
              Region             {file.Region}
              Project            {file.ProjectId}
              Data               {data.Path}
              Owner's keys       {owner.Path}

            Try it (each line works pasted as it is):
              export AWS_ENDPOINT_URL={endpoint} AWS_ACCESS_KEY_ID={file.AccessKeyId} AWS_SECRET_ACCESS_KEY={file.SecretAccessKey} AWS_DEFAULT_REGION={file.Region}
              aws --endpoint-url "$AWS_ENDPOINT_URL" s3 mb s3://first-bucket
              echo hello | aws --endpoint-url "$AWS_ENDPOINT_URL" s3 cp - s3://first-bucket/hello.txt
              aws --endpoint-url "$AWS_ENDPOINT_URL" s3 cp s3://first-bucket/hello.txt -
              rclone --s3-provider Other --s3-endpoint "$AWS_ENDPOINT_URL" --s3-env-auth lsf :s3:first-bucket
              curl --silent -H "x-amz-content-sha256: UNSIGNED-PAYLOAD" --aws-sigv4 "aws:amz:$AWS_DEFAULT_REGION:s3" --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" "$AWS_ENDPOINT_URL/first-bucket/hello.txt"

            ready
            """);
    }
}
