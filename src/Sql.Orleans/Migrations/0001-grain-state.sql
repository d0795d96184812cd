-- one row per stored state; etag counts its versions from a random start, so that a removed and newly written state
-- never has an old version's number
create table grain_state (
  grain_type {text} not null,
  grain_key {blob} not null,
  state_name {text} not null,
  etag {bigint} not null,
  payload {text} not null,
  updated_ms {bigint} not null,
  primary key (grain_type, grain_key, state_name)
);

create table reminder (
  grain_id {blob} not null,
  name {text} not null,
  grain_hash {bigint} not null,
  start_ms {bigint} not null,
  period_ms {bigint} not null,
  etag {bigint} not null,
  primary key (grain_id, name)
) {without_rowid};

create index reminder_by_hash on reminder (grain_hash);
