-- Rights that nobody should have: each row says what it is and which one. No rows: all is well.
select 'key of somebody who is no member' as what, k.id
  from people_apikey k
 where k.organisation_id is not null
   and not exists (select from people_member m
                    where m.organisation_id = k.organisation_id and m.account_id = k.account_id)
union all
select 'open invitation by somebody who may not invite', i.id
  from people_invitation i
 where i.used_at is null and i.withdrawn_at is null and i.expires_at > now()
   and not exists (select from people_member m
                    where m.organisation_id = i.organisation_id and m.account_id = i.invited_by_id
                      and (m.role = 'owner' or (m.role = 'manager' and i.role <> 'owner')))
union all
select 'organisation without an owner', o.id
  from people_organisation o
 where exists (select from people_member m where m.organisation_id = o.id)
   and not exists (select from people_member m
                    where m.organisation_id = o.id and m.role = 'owner')
union all
select 'replaced key that works on for more than a day', k.id
  from people_apikey k
 where k.replaced_by_id is not null
   and (k.expires_at is null or k.expires_at > now() + interval '25 hours')
order by 1, 2
