using System.Globalization;
using Vault.Sql;

// Commits pairs of rows to an embedded database until it is killed, and prints each pair's number once its commit was
// acknowledged. Arguments: the database file, the first number, the number of writers.
var insert = new SqlStatement<(long Id, byte[] Payload)>(
    "insert into pair (id, payload) values (@id, @payload)",
    static (p, a) =>
    {
        p.Bigint("id", a.Id);
        p.Blob("payload", a.Payload);
    });

try
{
    await using var database = await Database.OpenSqliteAsync(
        new() { Path = args[0], CheckpointBytes = 1 << 20, LogLimitBytes = 8 << 20, ReserveBytes = 0 },
        TimeProvider.System);
    var next = long.Parse(args[1], CultureInfo.InvariantCulture);
    await Task.WhenAll(
        Enumerable.Range(0, int.Parse(args[2], CultureInfo.InvariantCulture)).Select(_ => Task.Run(async () =>
        {
            while (true)
            {
                var number = Interlocked.Increment(ref next);
                var payload = new byte[number % 5000];
                payload.AsSpan().Fill((byte)number);
                var transaction = database.Begin();
                transaction.Execute(insert, (number, payload));
                transaction.Execute(insert, (-number, payload));
                await transaction.CommitAsync();
                Console.Out.WriteLine(number.ToString(CultureInfo.InvariantCulture));
            }
        })));
    return 0;
}
catch (SqlUnavailableException e)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}
