using System.Data;
using Npgsql;

namespace Vault.Sql.Postgres;

/// <summary>
/// One transaction as one batch. The server runs a batch in an implicit transaction that commits at its end; a check
/// that yields no row divides by zero, which undoes everything before it.
/// </summary>
internal sealed class PostgresCommit(
    PostgresTexts texts, SqlTransaction transaction, NpgsqlConnection connection, int answerSeconds) : IAsyncDisposable
{
    private readonly NpgsqlBatch batch = new(connection) { Timeout = answerSeconds };
    private readonly PostgresParameters parameters = new();

    /// <summary>
    /// Builds the batch. Asks the server, once per definition, whether a change yields rows, where that is not plain
    /// and another statement's rows have to be told from them.
    /// </summary>
    public async ValueTask PrepareAsync(CancellationToken ct)
    {
        var hasReader = false;
        foreach (var step in transaction.Steps)
        {
            hasReader |= step.HasReader;
            var text = Text(step);
            var command = new NpgsqlBatchCommand(text.Text);
            Bind(step, text, command.Parameters);
            batch.BatchCommands.Add(command);
        }

        if (hasReader)
        {
            foreach (var step in transaction.Steps)
            {
                if (!step.IsCheck && !step.HasReader && Text(step) is { YieldsRows: null } text)
                {
                    text.YieldsRows = await DescribeAsync(step, text, ct).ConfigureAwait(false);
                }
            }
        }
    }

    /// <summary>Sends everything and reads every answer, the commit's too; not cancellable.</summary>
    public async ValueTask SendAsync()
    {
        Exception? readerFailure = null;
        try
        {
            await using var reader = await batch.ExecuteReaderAsync(CancellationToken.None).ConfigureAwait(false);
            var row = new PostgresRow(reader);
            foreach (var step in transaction.Steps)
            {
                if (step.HasReader)
                {
                    step.Begin();
                    while (await reader.ReadAsync(CancellationToken.None).ConfigureAwait(false))
                    {
                        readerFailure ??= TryRead(step, row);
                    }
                }

                if (step.IsCheck || step.HasReader || Text(step).YieldsRows == true)
                {
                    await reader.NextResultAsync(CancellationToken.None).ConfigureAwait(false);
                }
            }

            while (await reader.NextResultAsync(CancellationToken.None).ConfigureAwait(false))
            {
            }
        }
        catch (PostgresException e)
            when (e.SqlState == PostgresErrorCodes.DivisionByZero && FailedCheck(e) is { } index)
        {
            throw new SqlCheckFailedException(index, e);
        }
        catch (NpgsqlException e)
        {
            throw PostgresErrors.Committing(e);
        }

        if (readerFailure is not null)
        {
            throw new SqlUnknownOutcomeException(
                "The transaction committed, but a row was not understood.", readerFailure);
        }
    }

    public ValueTask DisposeAsync() => batch.DisposeAsync();

    private static Exception? TryRead(TransactionStep step, SqlRow row)
    {
        try
        {
            step.Read(row);
            return null;
        }
#pragma warning disable CA1031 // the batch has been sent: its outcome has to be heard, whatever a reader does
        catch (Exception e)
#pragma warning restore CA1031
        {
            return e;
        }
    }

    private int? FailedCheck(PostgresException e)
    {
        var index = e.BatchCommand is NpgsqlBatchCommand command ? batch.BatchCommands.IndexOf(command) : -1;
        return index >= 0 && transaction.Steps[index].IsCheck ? index : null;
    }

    private PostgresText Text(TransactionStep step)
        => step.IsCheck ? texts.Check(step.Definition) : texts.Plain(step.Definition);

    private void Bind(TransactionStep step, PostgresText text, NpgsqlParameterCollection target)
    {
        parameters.Begin(text);
        step.Bind(parameters);
        parameters.MoveTo(target);
    }

    private async Task<bool> DescribeAsync(TransactionStep step, PostgresText text, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(text.Text, connection) { CommandTimeout = answerSeconds };
        Bind(step, text, command.Parameters);
        try
        {
            await using var reader = await command.ExecuteReaderAsync(CommandBehavior.SchemaOnly, ct)
                .ConfigureAwait(false);
            return reader.FieldCount > 0;
        }
        catch (NpgsqlException e)
        {
            throw PostgresErrors.Reading(e);
        }
    }
}
