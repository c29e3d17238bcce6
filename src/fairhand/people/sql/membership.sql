-- A key of an organisation ends with its member, whichever way the member's row goes. A worker's
-- key has no organisation, and so nothing that it points at.
delete from people_apikey k
 where k.organisation_id is not null
   and not exists (select from people_member m
                    where m.organisation_id = k.organisation_id and m.account_id = k.account_id);
alter table people_apikey
  drop constraint if exists keys_belong_to_members;
alter table people_apikey
  add constraint keys_belong_to_members foreign key (organisation_id, account_id)
  references people_member (organisation_id, account_id) on delete cascade;
