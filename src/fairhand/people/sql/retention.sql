-- The retention timetable (see people/privacy) may do what nobody else may: forget events and
-- history when no law asks to keep them any more, and take out of an event where it came from and
-- what it said of a person. Who did what, and when, can never be rewritten.
create or replace function people_keep_unless_time_is_over() returns trigger language plpgsql as $$
begin
  if tg_op <> 'TRUNCATE' and current_setting('fairhand.retention', true) = 'on' then
    return null;
  end if;
  raise exception 'Rows of % are only ever added to: mend a mistake with a further row.',
    tg_table_name using errcode = 'restrict_violation';
end $$;

create or replace trigger events_are_append_only
  before update or delete or truncate on people_event
  for each statement execute function people_keep_unless_time_is_over();
create or replace trigger events_say_what_was_done
  before update of id, action, actor, account, organisation, subject, at on people_event
  for each statement execute function kit_refuse_change();

create or replace trigger history_is_append_only
  before delete or truncate on kit_history
  for each statement execute function people_keep_unless_time_is_over();
create or replace trigger history_is_never_rewritten
  before update on kit_history
  for each statement execute function kit_refuse_change();
