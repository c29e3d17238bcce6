-- Rows of the audit trail are added, never changed; see kit/sql/append_only.sql.
create or replace trigger events_are_append_only
  before update or delete or truncate on people_event
  for each statement execute function kit_refuse_change();
