using System.Net;
using System.Text;
using Vault.Protocol.Macaroons;

namespace Vault.Protocol.Tests.Macaroons;

public sealed class CaveatTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("tenant = ten_1")]
    [InlineData("project = prj_1")]
    [InlineData("bucket = *")]
    [InlineData("bucket = a,b")]
    [InlineData("prefix = 2026/,caf%C3%A9/,a%2Cb")]
    [InlineData("ops = get,head,list,put,delete,multipart,tag,acl,version,lock,admin,mint,share")]
    [InlineData("not-before = 2026-01-01T00:00:00Z")]
    [InlineData("not-after = 2026-01-01T00:00:00.25Z")]
    [InlineData("ip = 203.0.113.0/24,2001:db8::/32,::1/128,0.0.0.0/0")]
    [InlineData("max-size = 0")]
    [InlineData("max-object-ttl = 86400")]
    [InlineData("method = presigned")]
    [InlineData("content-type = image/*,text/plain")]
    [InlineData("label = any text = even this")]
    [InlineData("nonce = 00ff")]
    public void Caveats_of_the_language_are_understood(string text)
    {
        Assert.True(Caveat.TryParse(text, out var caveat));
        Assert.Equal(text, caveat.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData(" = x")]
    [InlineData("ops")]
    [InlineData("ops =")]
    [InlineData("ops = ")]
    [InlineData("ops=get")]
    [InlineData("ops  = get")]
    [InlineData("ops =  get")]
    [InlineData("ops = get ")]
    [InlineData("ops < get")]
    [InlineData("Ops = get")]
    [InlineData("ops = GET")]
    [InlineData("ops = read")]
    [InlineData("ops = get,")]
    [InlineData("ops = get, head")]
    [InlineData("ops = get,fly")]
    [InlineData("colour = blue")]
    [InlineData("bucket = a,,b")]
    [InlineData("prefix = 100%")]
    [InlineData("prefix = %zz")]
    [InlineData("prefix = %ff")]
    [InlineData("prefix = café")]
    [InlineData("not-after = 2026-01-01")]
    [InlineData("not-after = 2026-01-01T00:00:00+00:00")]
    [InlineData("not-after = 2026-01-01t00:00:00z")]
    [InlineData("not-after = 2026-13-01T00:00:00Z")]
    [InlineData("not-after = 2026-01-01T00:00:00.Z")]
    [InlineData("not-before = tomorrow")]
    [InlineData("ip = 203.0.113.7")]
    [InlineData("ip = 203.0.113/24")]
    [InlineData("ip = 203.0.113.010/24")]
    [InlineData("ip = 0x7f.0.0.1/8")]
    [InlineData("ip = 203.0.113.0/33")]
    [InlineData("ip = 203.0.113.0/-1")]
    [InlineData("ip = 203.0.113.0/+8")]
    [InlineData("ip = fe80::1%eth0/64")]
    [InlineData("ip = [::1]/128")]
    [InlineData("ip = ::1/129")]
    [InlineData("ip = example.org/24")]
    [InlineData("max-size = -1")]
    [InlineData("max-size = +1")]
    [InlineData("max-size = 1e6")]
    [InlineData("max-size = 99999999999999999999")]
    [InlineData("max-object-ttl = 1 day")]
    [InlineData("method = cookie")]
    [InlineData("content-type = */png")]
    [InlineData("nonce = xyz")]
    [InlineData("label = a\tb")]
    public void What_is_unknown_or_malformed_fails_closed(string text)
    {
        Assert.False(Caveat.TryParse(text, out _));
        var keys = TestCapabilities.Keys();
        var macaroon = keys.Mint(null, ["project = prj_1"]);
        if (text.Length > 0)
        {
            var outcome = new CapabilityVerifier(keys).Verify(macaroon.WithCaveat(text), [], out var capability);
            Assert.Equal((CapabilityOutcome.UnknownCaveat, null), (outcome, capability));
        }
    }

    [Fact]
    public void A_value_of_2048_bytes_is_read_and_a_longer_one_is_not()
    {
        Assert.True(Caveat.TryParse("label = " + new string('x', 2048), out _));
        Assert.False(Caveat.TryParse("label = " + new string('x', 2049), out _));
    }

    [Theory]
    [InlineData("project = prj_1", "project = prj_2")]
    [InlineData("tenant = ten_1", "tenant = ten_2")]
    public void A_second_project_or_tenant_with_another_value_makes_the_token_void(string first, string second)
    {
        var keys = TestCapabilities.Keys();
        var macaroon = keys.Mint(null, [first, first]);
        var verifier = new CapabilityVerifier(keys);
        Assert.Equal(CapabilityOutcome.Ok, verifier.Verify(macaroon, [], out _));
        Assert.Equal(CapabilityOutcome.UnknownCaveat, verifier.Verify(macaroon.WithCaveat(second), [], out _));
    }

    [Theory]
    [InlineData("ops = get", CaveatDenial.None)]
    [InlineData("ops = put,list", CaveatDenial.Operation)]
    [InlineData("bucket = photos,docs", CaveatDenial.None)]
    [InlineData("bucket = *", CaveatDenial.None)]
    [InlineData("bucket = photo", CaveatDenial.Bucket)]
    [InlineData("prefix = 2026/", CaveatDenial.None)]
    [InlineData("prefix = 2025/,2026/caf%C3%A9", CaveatDenial.None)]
    [InlineData("prefix = 2026/x", CaveatDenial.Prefix)]
    [InlineData("not-after = 2026-03-01T12:00:00Z", CaveatDenial.None)]
    [InlineData("not-after = 2026-03-01T11:59:59Z", CaveatDenial.Expired)]
    [InlineData("not-before = 2026-03-01T12:01:00Z", CaveatDenial.None)]
    [InlineData("not-before = 2026-03-01T12:01:01Z", CaveatDenial.NotYetValid)]
    [InlineData("ip = 203.0.113.0/24", CaveatDenial.None)]
    [InlineData("ip = 203.0.113.9/31", CaveatDenial.Address)]
    [InlineData("ip = 203.0.113.6/31", CaveatDenial.None)]
    [InlineData("ip = 2001:db8::/32,::/0", CaveatDenial.Address)]
    [InlineData("ip = 0.0.0.0/0", CaveatDenial.None)]
    [InlineData("method = header,bearer", CaveatDenial.None)]
    [InlineData("method = presigned", CaveatDenial.Method)]
    [InlineData("max-size = 1", CaveatDenial.None)]
    [InlineData("max-object-ttl = 1", CaveatDenial.None)]
    [InlineData("content-type = image/*", CaveatDenial.None)]
    [InlineData("tenant = ten_1", CaveatDenial.None)]
    [InlineData("tenant = ten_2", CaveatDenial.Tenant)]
    public void A_read_is_checked_against_each_caveat(string caveat, CaveatDenial expected)
    {
        var capability = TestCapabilities.Verified("project = prj_1", caveat);
        Assert.Equal(expected, capability.Check(Read("prj_1")));
    }

    [Theory]
    [InlineData("max-size = 10", 10, null, null, CaveatDenial.None)]
    [InlineData("max-size = 10", 11, null, null, CaveatDenial.Size)]
    [InlineData("max-object-ttl = 60", 1, 60L, null, CaveatDenial.None)]
    [InlineData("max-object-ttl = 60", 1, 61L, null, CaveatDenial.ObjectTtl)]
    [InlineData("max-object-ttl = 60", 1, null, null, CaveatDenial.ObjectTtl)]
    [InlineData("content-type = image/*,text/plain", 1, null, "IMAGE/png", CaveatDenial.None)]
    [InlineData("content-type = image/*,text/plain", 1, null, "text/plain; charset=utf-8", CaveatDenial.None)]
    [InlineData("content-type = image/*,text/plain", 1, null, "text/plainer", CaveatDenial.ContentType)]
    [InlineData("content-type = image/*", 1, null, null, CaveatDenial.ContentType)]
    [InlineData("ops = multipart", 1, null, null, CaveatDenial.Operation)]
    public void A_write_is_checked_against_each_caveat(
        string caveat, long size, long? ttl, string? type, CaveatDenial expected)
    {
        var capability = TestCapabilities.Verified("project = prj_1", caveat);
        var context = new CaveatContext
        {
            Operation = CapabilityOperations.Put,
            Now = Now,
            Method = CredentialMethod.Header,
            ProjectId = "prj_1",
            Bucket = "photos",
            Key = "k"u8,
            Size = size,
            ObjectTtlSeconds = ttl,
            ContentType = type,
        };
        Assert.Equal(expected, capability.Check(context));
    }

    [Fact]
    public void Put_implies_multipart_and_parts_skip_what_was_checked_at_the_start()
    {
        var capability = TestCapabilities.Verified("project = prj_1", "ops = put", "content-type = image/*");
        Assert.Equal(CaveatDenial.ContentType, capability.Check(Multipart(continues: false)));
        Assert.Equal(CaveatDenial.None, capability.Check(Multipart(continues: true)));

        static CaveatContext Multipart(bool continues) => new()
        {
            Operation = CapabilityOperations.Multipart,
            Now = Now,
            Method = CredentialMethod.Header,
            ProjectId = "prj_1",
            Bucket = "photos",
            Key = "k"u8,
            ContinuesUpload = continues,
        };
    }

    [Fact]
    public void Data_needs_a_project_caveat_and_the_same_project()
    {
        Assert.Equal(CaveatDenial.Project, TestCapabilities.Verified("ops = get").Check(Read("prj_1")));
        Assert.Equal(CaveatDenial.Project, TestCapabilities.Verified("project = prj_1").Check(Read("prj_2")));
        Assert.Equal(CaveatDenial.Project, TestCapabilities.Verified("project = prj_1").Check(Read(null)));
    }

    [Fact]
    public void An_operator_token_without_a_project_may_administer()
    {
        var capability = TestCapabilities.Verified("ops = admin");
        var context = new CaveatContext
        {
            Operation = CapabilityOperations.Admin,
            Now = Now,
            Method = CredentialMethod.Bearer,
        };
        Assert.Equal(CaveatDenial.None, capability.Check(context));
    }

    [Fact]
    public void Listing_buckets_is_allowed_and_filtered()
    {
        var capability = TestCapabilities.Verified("project = prj_1", "bucket = a,b", "bucket = b,c", "prefix = x");
        var context = new CaveatContext
        {
            Operation = CapabilityOperations.List,
            Now = Now,
            Method = CredentialMethod.Header,
            ProjectId = "prj_1",
        };
        Assert.Equal(CaveatDenial.None, capability.Check(context));
        Assert.True(capability.IsLimitedToBuckets);
        Assert.False(capability.AllowsBucket("a"));
        Assert.True(capability.AllowsBucket("b"));
    }

    [Theory]
    [InlineData("2026/ma", CaveatDenial.None)]
    [InlineData("2026", CaveatDenial.Prefix)]
    [InlineData("", CaveatDenial.Prefix)]
    public void A_listing_needs_a_requested_prefix_inside(string requested, CaveatDenial expected)
    {
        var capability = TestCapabilities.Verified("project = prj_1", "prefix = 2026/");
        var context = new CaveatContext
        {
            Operation = CapabilityOperations.List,
            Now = Now,
            Method = CredentialMethod.Header,
            ProjectId = "prj_1",
            Bucket = "photos",
            Key = Encoding.UTF8.GetBytes(requested),
        };
        Assert.Equal(expected, capability.Check(context));
    }

    [Fact]
    public void Bucket_and_prefix_caveats_refuse_requests_that_name_no_bucket()
    {
        var context = new CaveatContext
        {
            Operation = CapabilityOperations.Admin,
            Now = Now,
            Method = CredentialMethod.Header,
            ProjectId = "prj_1",
        };
        Assert.Equal(CaveatDenial.Bucket, TestCapabilities.Verified("project = prj_1", "bucket = a").Check(context));
        Assert.Equal(CaveatDenial.Prefix, TestCapabilities.Verified("project = prj_1", "prefix = a").Check(context));
    }

    [Fact]
    public void An_unknown_address_is_refused_and_a_mapped_one_is_its_ipv4_self()
    {
        var capability = TestCapabilities.Verified("project = prj_1", "ip = 203.0.113.0/24");
        Assert.Equal(CaveatDenial.Address, capability.Check(Read("prj_1", (string?)null)));
        Assert.Equal(CaveatDenial.None, capability.Check(Read("prj_1", "::ffff:203.0.113.7")));
        Assert.Equal(CaveatDenial.Address, capability.Check(Read("prj_1", "2001:db8::1")));
        var v6 = TestCapabilities.Verified("project = prj_1", "ip = 2001:db8:ff00::/41");
        Assert.Equal(CaveatDenial.None, v6.Check(Read("prj_1", "2001:db8:ff7f::1")));
        Assert.Equal(CaveatDenial.Address, v6.Check(Read("prj_1", "2001:db8:ff80::1")));
    }

    [Fact]
    public void Repeated_caveats_intersect()
    {
        var capability = TestCapabilities.Verified(
            "project = prj_1", "ops = get,put", "ops = get,list", "prefix = 2026/", "prefix = 2026/caf",
            "max-size = 5", "max-size = 9", "not-after = 2027-01-01T00:00:00Z", "not-after = 2026-06-01T00:00:00Z");
        Assert.Equal(CapabilityOperations.Get, capability.Operations);
        Assert.Equal(5, capability.MaxSize);
        Assert.Equal(new DateTimeOffset(2026, 6, 1, 0, 0, 0, TimeSpan.Zero), capability.NotAfter);
        Assert.Equal(CaveatDenial.None, capability.Check(Read("prj_1")));
    }

    [Fact]
    public void The_builders_write_what_the_parser_reads()
    {
        foreach (var text in new[]
        {
            Caveat.Project("prj_1"), Caveat.Tenant("ten_1"), Caveat.Buckets("a", "b"),
            Caveat.Prefixes("2026/ü,%", "x y"), Caveat.Operations(OperationNames.Read | OperationNames.Write),
            Caveat.NotBefore(Now), Caveat.NotAfter(Now),
        })
            Assert.True(Caveat.TryParse(text, out _), text);
        Assert.Equal("prefix = 2026/%C3%BC%2C%25,x%20y", Caveat.Prefixes("2026/ü,%", "x y"));
        Assert.Equal("ops = get,head,list", Caveat.Operations(OperationNames.Read));
    }

    [Fact]
    public void Checking_allocates_nothing()
    {
        var capability = TestCapabilities.Verified(
            "project = prj_1", "ops = get", "bucket = photos", "prefix = 2026/", "ip = 203.0.113.0/24");
        var address = IPAddress.Parse("203.0.113.7");
        Assert.Equal(CaveatDenial.None, capability.Check(Read("prj_1", address)));
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
            capability.Check(Read("prj_1", address));
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Random_caveats_are_refused_or_read_back_unchanged()
    {
        var random = new Random(9);
        var names =
            new[] { "tenant", "bucket", "prefix", "ops", "not-before", "ip", "max-size", "method", "content-type" };
        for (var round = 0; round < 60_000; round++)
        {
            var value = new char[random.Next(24)];
            for (var i = 0; i < value.Length; i++)
                value[i] = "0129/.:,%*-abfTZ =get\u00e9"[random.Next(22)];
            var text = $"{names[random.Next(names.Length)]} = {new string(value)}";
            if (Caveat.TryParse(text, out var caveat))
                Assert.Equal(text, caveat.ToString());
        }
    }

    private static CaveatContext Read(string? project, string? address = "203.0.113.7") =>
        Read(project, address is null ? null : IPAddress.Parse(address));

    private static CaveatContext Read(string? project, IPAddress? address) => new()
    {
        Operation = CapabilityOperations.Get,
        Now = Now,
        Method = CredentialMethod.Header,
        ProjectId = project,
        TenantId = "ten_1",
        Bucket = "photos",
        Key = "2026/café.jpg"u8,
        PeerAddress = address,
    };
}
