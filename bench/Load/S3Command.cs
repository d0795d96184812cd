using System.CommandLine;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Vault.Load.Client;
using Vault.Load.Running;
using Vault.Load.Workload;

namespace Vault.Load;

/// <summary><c>load s3</c>: one workload against any S3 server.</summary>
internal static class S3Command
{
    public static Command Create()
    {
        var endpoint = new Option<Uri>("--endpoint")
        {
            Description = "Server, http or https; default AWS_ENDPOINT_URL",
            DefaultValueFactory = _ => new Uri(FromEnvironment("AWS_ENDPOINT_URL", "http://127.0.0.1:9000")),
            CustomParser = result =>
            {
                if (Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var uri)
                    && (uri.Scheme is "http" or "https"))
                    return uri;
                result.AddError("--endpoint must be an http or https address.");
                return null;
            },
        };
        var accessKey = new Option<string>("--access-key")
        {
            Description = "Access key id; default AWS_ACCESS_KEY_ID",
            DefaultValueFactory = _ => FromEnvironment("AWS_ACCESS_KEY_ID", ""),
        };
        var region = new Option<string>("--region")
        {
            Description = "Region; default AWS_DEFAULT_REGION",
            DefaultValueFactory = _ => FromEnvironment("AWS_DEFAULT_REGION", "us-east-1"),
        };
        var bucket = new Option<string>("--bucket")
        {
            Description = "Bucket; made when it is missing",
            DefaultValueFactory = _ => "load",
        };
        var operation = new Option<Operation>("--op")
        {
            Description = "fill, put, get, head, delete, list or mixed",
            Required = true,
        };
        var size = new Option<int>("--size") { Description = "Bytes of each object", DefaultValueFactory = _ => 4096 };
        var connections = new Option<int>("--concurrency")
        {
            Description = "Connections, one request at a time on each",
            DefaultValueFactory = _ => 32,
        };
        var keys = new Option<long>("--keys")
        {
            Description = "Keys of the filled range",
            DefaultValueFactory = _ => 1_000_000,
        };
        var root = new Option<string>("--root")
        {
            Description = "What every key begins with (unreserved characters and slashes)",
            DefaultValueFactory = _ => "load/",
        };
        var prefixes = new Option<int>("--prefixes") { Description = "Spread the keys over so many prefixes; 0: flat" };
        var delimiter = new Option<string?>("--delimiter") { Description = "Delimiter of listings" };
        var page = new Option<int>("--page-size")
        {
            Description = "max-keys of listings",
            DefaultValueFactory = _ => 1000,
        };
        var warmUp = new Option<double>("--warm-up")
        {
            Description = "Seconds before measuring",
            DefaultValueFactory = _ => 10,
        };
        var seconds = new Option<double>("--duration")
        {
            Description = "Seconds of each measurement",
            DefaultValueFactory = _ => 60,
        };
        var runs = new Option<int>("--runs")
        {
            Description = "Measurements; the median counts",
            DefaultValueFactory = _ => 3,
        };
        var seed = new Option<int>("--seed")
        {
            Description = "Seed of bodies and choices",
            DefaultValueFactory = _ => 1,
        };
        var unsigned = new Option<bool>("--unsigned-payload")
        {
            Description = "Send UNSIGNED-PAYLOAD in place of the body's hash",
        };
        var authority = new Option<string?>("--ca-file")
        {
            Description = "Trust this authority's certificate (PEM) with https",
        };
        var server = new Option<int?>("--server-pid") { Description = "Report what this process uses" };
        var command = new Command("s3", "Drive an S3 server. The secret comes from AWS_SECRET_ACCESS_KEY; JSON goes to "
            + "standard output; any error ends in exit code 1")
        {
            endpoint, accessKey, region, bucket, operation, size, connections, keys, root, prefixes, delimiter, page,
            warmUp, seconds, runs, seed, unsigned, authority, server,
        };
        command.SetAction(parse => Run(new LoadSettings
        {
            Target = new S3Target
            {
                Endpoint = parse.GetValue(endpoint)!,
                Bucket = parse.GetValue(bucket)!,
                AccessKeyId = parse.GetValue(accessKey)!,
                SecretAccessKey = FromEnvironment("AWS_SECRET_ACCESS_KEY", ""),
                Region = parse.GetValue(region)!,
                UnsignedPayload = parse.GetValue(unsigned),
                Authority = parse.GetValue(authority) is { } file
                    ? X509CertificateLoader.LoadCertificateFromFile(file)
                    : null,
            },
            Operation = parse.GetValue(operation),
            Size = parse.GetValue(size),
            Connections = parse.GetValue(connections),
            Keys = parse.GetValue(keys),
            Root = parse.GetValue(root)!,
            Prefixes = parse.GetValue(prefixes),
            Delimiter = parse.GetValue(delimiter),
            PageSize = parse.GetValue(page),
            WarmUpSeconds = parse.GetValue(warmUp),
            Seconds = parse.GetValue(seconds),
            Runs = parse.GetValue(runs),
            Seed = parse.GetValue(seed),
            ServerProcess = parse.GetValue(server),
        }));
        return command;
    }

    private static int Run(LoadSettings settings)
    {
        LoadReport report;
        try
        {
            report = new LoadRun(settings).Execute();
        }
        catch (Exception exception) when (exception is IOException or SocketException or InvalidOperationException)
        {
            Console.Error.WriteLine($"error: {settings.Target.Endpoint}: {exception.Message}");
            return 1;
        }

        foreach (var run in report.Runs)
            Console.Error.WriteLine(Summary.Line(run));
        foreach (var error in report.Errors)
            Console.Error.WriteLine($"error: {error}");
        Summary.Write(report);
        return report.Errors.Count == 0 && report.Median.Operations > 0 ? 0 : 1;
    }

    private static string FromEnvironment(string name, string otherwise) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : otherwise;
}
