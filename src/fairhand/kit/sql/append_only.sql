-- Rows of history and of money are added, never changed: a mistake is mended by a further row.
create or replace function kit_refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'Rows of % are only ever added to: mend a mistake with a further row.',
    tg_table_name using errcode = 'restrict_violation';
end $$;

create or replace trigger history_is_append_only
  before update or delete or truncate on kit_history
  for each statement execute function kit_refuse_change();
