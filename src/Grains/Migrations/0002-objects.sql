-- Buckets and current versions. state: 0 live; a deleted bucket's row is gone and its id never returns.
create table bucket (
  bucket_id {blob} primary key,
  project_id {text} not null,
  name {text} not null,
  config_version {bigint} not null,
  state {bigint} not null,
  partitions {bigint} not null,
  key_no {bigint} not null,
  region {text} not null,
  created_ms {bigint} not null
) {without_rowid};

create index bucket_by_project on bucket (project_id, name);

create table bucket_name (
  name {text} primary key,
  bucket_id {blob} not null
) {without_rowid};

-- A box never changes once it is there.
create table bucket_key_box (
  bucket_id {blob} not null,
  key_no {bigint} not null,
  project_id {text} not null,
  box {blob} not null,
  primary key (bucket_id, key_no, project_id)
) {without_rowid};

-- Current versions only, narrow: what listing reads.
create table object_head (
  bucket_id {blob} not null,
  key {blob} not null,
  seq {bigint} not null,
  version_id {blob} not null,
  size {bigint} not null,
  modified_ms {bigint} not null,
  key_no {bigint} not null,
  part_count {bigint} not null,
  body_id {bigint} not null,
  object_id {blob},
  list_box {blob} not null,
  primary key (bucket_id, key)
) {without_rowid};

-- What a read of one object needs beside the head. Each silo takes its ids in blocks and uses them in the order of its
-- commits, so inserts are local and SQLite needs no index beside the table. Wide rows: docs/spec/database.md.
create table object_body (
  body_id {bigint} primary key,
  head_box {blob} not null,
  inline {blob}
);

create table body_block (
  one {bigint} primary key,
  used {bigint} not null
);

-- kind: 0 body, 1 composite. body is null when the manifest is in manifest_page. dead_ms is set when refs reaches 0.
create table manifest (
  object_id {blob} primary key,
  project_id {text} not null,
  refs {bigint} not null,
  kind {bigint} not null,
  pages {bigint} not null,
  stored_bytes {bigint} not null,
  created_ms {bigint} not null,
  dead_ms {bigint},
  body_bytes {bigint} not null,
  body {blob}
);

create index manifest_by_death on manifest (dead_ms, object_id) where dead_ms is not null;

create table manifest_page (
  object_id {blob} not null,
  page {bigint} not null,
  created_ms {bigint} not null,
  body {blob} not null,
  primary key (object_id, page)
);

create index manifest_page_by_age on manifest_page (created_ms);

-- What the commits of one index partition have added up to.
create table usage_bucket (
  bucket_id {blob} not null,
  part {bigint} not null,
  project_id {text} not null,
  objects {bigint} not null,
  bytes {bigint} not null,
  primary key (bucket_id, part)
) {without_rowid};

create index usage_bucket_by_project on usage_bucket (project_id);

-- state: 0 open, 1 completed, 2 aborted.
create table upload (
  upload_id {blob} primary key,
  bucket_id {blob} not null,
  key {blob} not null,
  state {bigint} not null,
  parts_version {bigint} not null,
  key_no {bigint} not null,
  initiated_ms {bigint} not null,
  ended_ms {bigint},
  upload_box {blob} not null,
  result_key_no {bigint},
  result_box {blob}
) {without_rowid};

create index upload_open on upload (bucket_id, key, upload_id) where state = 0;
create index upload_by_age on upload (initiated_ms);

create table upload_part (
  upload_id {blob} not null,
  part_number {bigint} not null,
  size {bigint} not null,
  modified_ms {bigint} not null,
  object_id {blob} not null,
  key_no {bigint} not null,
  part_box {blob} not null,
  primary key (upload_id, part_number)
) {without_rowid};

-- The oldest read that a front end still runs; seen_ms says when it told us.
create table gateway_read (
  gateway_id {text} primary key,
  oldest_read_ms {bigint} not null,
  seen_ms {bigint} not null
) {without_rowid};
