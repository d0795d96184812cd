-- the tables that these tests work on
create table thing (
  id {bigint} not null primary key,
  value {text},
  version {bigint} not null default 1
);

create table sample (
  key {blob} not null primary key,
  label {text} not null,
  number {bigint},
  flag {bool} not null,
  payload {blob},
  note {text}
) {without_rowid};
