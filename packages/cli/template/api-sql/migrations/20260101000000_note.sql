create table note (
  id varchar(36) primary key,
  title varchar(200) not null,
  text text not null,
  created varchar(24) not null
);
create index note_created on note (created, id);
