-- The cluster whose metadata this is: one row, written at the first start.
create table cluster (
  one {bigint} primary key,
  cluster_id {text} not null
) {without_rowid};
