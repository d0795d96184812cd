-- Commits of the last minute by their callers' ids, one row for each batch: a call that is repeated answers what it
-- answered before, whatever came in between. Entries: docs/spec/metadata.md.
create table commit_memo (
  grain_id {text} not null,
  batch {bigint} not null,
  written_ms {bigint} not null,
  entries {blob} not null,
  primary key (grain_id, batch)
) {without_rowid};
