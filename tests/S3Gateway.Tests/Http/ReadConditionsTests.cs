using Vault.S3Gateway.Http;

namespace Vault.S3Gateway.Tests.Http;

public sealed class ReadConditionsTests
{
    private const string ETag = "0123456789abcdef0123456789abcdef";
    private const string Before = "Sat, 21 Nov 2026 10:00:00 GMT";
    private const string Same = "Sat, 21 Nov 2026 11:00:00 GMT";
    private const string After = "Sat, 21 Nov 2026 12:00:00 GMT";
    private static readonly long Modified = new DateTimeOffset(2026, 11, 21, 11, 0, 0, 500, TimeSpan.Zero)
        .ToUnixTimeMilliseconds();

    [Theory]
    [InlineData(null, null, null, null, ConditionOutcome.Proceed)]
    [InlineData($"\"{ETag}\"", null, null, null, ConditionOutcome.Proceed)]
    [InlineData(ETag, null, null, null, ConditionOutcome.Proceed)]
    [InlineData($"W/\"{ETag}\"", null, null, null, ConditionOutcome.Failed)]
    [InlineData($"W/\"{ETag}\", \"{ETag}\"", null, null, null, ConditionOutcome.Proceed)]
    [InlineData(null, null, $"W/\"{ETag}\"", null, ConditionOutcome.NotModified)]
    [InlineData($"\"other\", \"{ETag}\"", null, null, null, ConditionOutcome.Proceed)]
    [InlineData("*", null, null, null, ConditionOutcome.Proceed)]
    [InlineData("\"other\"", null, null, null, ConditionOutcome.Failed)]
    [InlineData(null, Before, null, null, ConditionOutcome.Failed)]
    [InlineData(null, Same, null, null, ConditionOutcome.Proceed)]
    [InlineData($"\"{ETag}\"", Before, null, null, ConditionOutcome.Proceed)]
    [InlineData("\"other\"", After, null, null, ConditionOutcome.Failed)]
    [InlineData(null, null, $"\"{ETag}\"", null, ConditionOutcome.NotModified)]
    [InlineData(null, null, "*", null, ConditionOutcome.NotModified)]
    [InlineData(null, null, "\"other\"", null, ConditionOutcome.Proceed)]
    [InlineData(null, null, null, Same, ConditionOutcome.NotModified)]
    [InlineData(null, null, null, After, ConditionOutcome.NotModified)]
    [InlineData(null, null, null, Before, ConditionOutcome.Proceed)]
    [InlineData(null, null, "\"other\"", After, ConditionOutcome.Proceed)]
    [InlineData(null, null, $"\"{ETag}\"", Before, ConditionOutcome.NotModified)]
    [InlineData(null, null, null, "not a date", ConditionOutcome.Proceed)]
    [InlineData(null, "not a date", null, null, ConditionOutcome.Proceed)]
    [InlineData($"\"{ETag}\"", null, $"\"{ETag}\"", null, ConditionOutcome.NotModified)]
    [InlineData("\"other\"", null, $"\"{ETag}\"", null, ConditionOutcome.Failed)]
    internal void Precedence_is_that_of_rfc_9110(
        string? ifMatch, string? ifUnmodifiedSince, string? ifNoneMatch, string? ifModifiedSince,
        ConditionOutcome outcome)
    {
        var conditions = new ReadConditions(ifMatch, ifUnmodifiedSince, ifNoneMatch, ifModifiedSince);
        Assert.Equal(outcome, conditions.Evaluate(ETag, Modified));
    }

    [Theory]
    [InlineData("Sunday, 06-Nov-94 08:49:37 GMT")]
    [InlineData("Sun Nov  6 08:49:37 1994")]
    [InlineData("Sun, 06 Nov 1994 08:49:37 GMT")]
    [InlineData("1994-11-06T08:49:37Z")]
    [InlineData("1994-11-06T08:49:37.000Z")]
    public void All_forms_of_dates_are_read(string text)
    {
        Assert.True(HttpDates.TryParse(text, out var seconds));
        Assert.Equal(784_111_777, seconds);
    }
}
