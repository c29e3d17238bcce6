-- What was published and what was signed stays as it was. A signature may be forgotten when the law
-- no longer asks to keep it: only the retention timetable says so (see people/privacy).
create or replace trigger agreement_versions_are_append_only
  before update or delete or truncate on people_agreementversion
  for each statement execute function kit_refuse_change();
create or replace trigger agreement_texts_are_append_only
  before update or delete or truncate on people_agreementtext
  for each statement execute function kit_refuse_change();

create or replace function people_keep_signature() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' and current_setting('fairhand.retention', true) = 'on' then
    return null;
  end if;
  raise exception 'A signature stays as it was given until the law no longer asks to keep it.'
    using errcode = 'restrict_violation';
end $$;
create or replace trigger signatures_are_kept
  before update or delete or truncate on people_signature
  for each statement execute function people_keep_signature();
