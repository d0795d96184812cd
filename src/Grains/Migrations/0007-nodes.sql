-- Processes that serve volumes. away_ms: the database's time at which the directory first missed a node.
create table node (
  node_id {blob} primary key,
  host {text} not null,
  endpoint {text} not null,
  beats {bigint} not null,
  registered_ms {bigint} not null,
  away_ms {bigint}
) {without_rowid};

-- state: 0 in use, 1 lost (its shards are made again elsewhere). check_after: how far the search for objects that name
-- a lost volume has come; checked_ms: when it last reached the end.
create table volume (
  number {bigint} primary key,
  volume_id {blob} not null unique,
  node_id {blob} not null,
  capacity_bytes {bigint} not null,
  free_bytes {bigint} not null,
  state {bigint} not null,
  lost_ms {bigint},
  checked_ms {bigint},
  check_after {blob}
) {without_rowid};

create index volume_by_node on volume (node_id);

-- Numbers given to volumes; 1 is the volume of a process by itself.
create table volume_number (
  one {bigint} primary key,
  used {bigint} not null
) {without_rowid};

-- Objects with shards that are missing, damaged or on a lost volume; a row goes when its object is whole.
create table repair (
  object_id {blob} primary key,
  reason {bigint} not null,
  due_ms {bigint} not null,
  created_ms {bigint} not null,
  tries {bigint} not null
) {without_rowid};

create index repair_by_due on repair (due_ms, object_id);
