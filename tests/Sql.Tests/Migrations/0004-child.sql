create table child (id {bigint} not null primary key, parent {bigint} not null references thing (id));
