create table fence (
  grain {text} not null primary key,
  number {bigint} not null,
  taken_ms {bigint} not null
) {without_rowid};
