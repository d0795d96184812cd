-- Who owns what: tenants, projects, credentials. States: 0 active, 1 read-only, 2 suspended, 3 deleting.
create table grain_fence (
  grain_id {text} primary key,
  fence {bigint} not null
) {without_rowid};

create table tenant (
  tenant_id {text} primary key,
  name {text} not null,
  owner_email {text} not null,
  max_projects {bigint} not null,
  max_storage_bytes {bigint} not null,
  max_egress_bytes {bigint} not null,
  state {bigint} not null,
  created_ms {bigint} not null
) {without_rowid};

create table project (
  project_id {text} primary key,
  tenant_id {text} not null references tenant (tenant_id),
  name {text} not null,
  billing_email {text} not null unique,
  max_storage_bytes {bigint} not null,
  max_buckets {bigint} not null,
  max_requests_per_second {bigint} not null,
  max_egress_bytes {bigint} not null,
  managed {bool} not null,
  key_no {bigint} not null,
  public_key {blob} not null,
  state {bigint} not null,
  created_ms {bigint} not null
) {without_rowid};

create index project_by_tenant on project (tenant_id, project_id);

-- record: sealed under the access key id, and (but for recovery) under the cluster's sealing key.
create table credential (
  lookup {blob} primary key,
  project_id {text} not null,
  record {blob} not null,
  macaroon_id {blob} not null,
  label {text} not null,
  recovery {bool} not null,
  public {bool} not null,
  created_ms {bigint} not null,
  expires_ms {bigint},
  revoked_ms {bigint},
  reason {text}
) {without_rowid};

create index credential_by_project on credential (project_id, lookup);

create table project_key_box (
  lookup {blob} not null,
  key_no {bigint} not null,
  box {blob} not null,
  primary key (lookup, key_no)
) {without_rowid};

create table credential_bucket_key_box (
  lookup {blob} not null,
  bucket_id {blob} not null,
  key_no {bigint} not null,
  box {blob} not null,
  primary key (lookup, bucket_id, key_no)
) {without_rowid};

create index credential_bucket_key_box_by_bucket on credential_bucket_key_box (bucket_id);

create table revocation (
  project_id {text} not null,
  tail_hash {blob} not null,
  at_ms {bigint} not null,
  reason {text} not null,
  primary key (project_id, tail_hash)
) {without_rowid};

create table project_event (
  project_id {text} not null,
  at_ms {bigint} not null,
  event_id {blob} not null,
  kind {text} not null,
  subject {text} not null,
  primary key (project_id, at_ms, event_id)
) {without_rowid};

-- status is null while the request runs.
create table idempotency (
  scope_key {text} primary key,
  request_hash {blob} not null,
  claimed_ms {bigint} not null,
  status {bigint},
  body {text},
  secret {bool} not null
) {without_rowid};

create index idempotency_by_age on idempotency (claimed_ms);

-- month: year * 100 + month, UTC.
create table usage_month (
  project_id {text} not null,
  month {bigint} not null,
  requests {bigint} not null,
  bytes_in {bigint} not null,
  bytes_out {bigint} not null,
  primary key (project_id, month)
) {without_rowid};

create table usage_report (
  report_id {blob} primary key,
  at_ms {bigint} not null
) {without_rowid};

create index usage_report_by_age on usage_report (at_ms);
