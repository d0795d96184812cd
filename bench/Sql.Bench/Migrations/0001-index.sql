-- an object index in the small: what one PUT and one GET of an inline object touch
create table bench_fence (grain {text} not null primary key, number {bigint} not null) {without_rowid};

create table bench_head (
  bucket {blob} not null,
  key {blob} not null,
  sequence {bigint} not null,
  version {blob} not null,
  size {bigint} not null,
  modified_ms {bigint} not null,
  list_box {blob} not null,
  primary key (bucket, key)
) {without_rowid};

create table bench_body (version {blob} not null primary key, head_box {blob} not null, payload {blob} not null);
