-- the tables of 0002 were empty in every embedded database; in PostgreSQL 0003 has dropped them
drop table silo;
drop table cluster_view;
drop table cluster_state;
