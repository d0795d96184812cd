-- Macaroons that the control plane minted; the tokens themselves are nowhere. tail_hash: SHA-256 of the chain's end.
create table issued_token (
  project_id {text} not null,
  tail_hash {blob} not null,
  label {text} not null,
  created_ms {bigint} not null,
  expires_ms {bigint},
  primary key (project_id, tail_hash)
) {without_rowid};

create index issued_token_by_end on issued_token (project_id, expires_ms) where expires_ms is not null;
