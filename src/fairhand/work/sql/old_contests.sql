-- What people had contested before there were appeals becomes an appeal with a full time to answer.
-- Only what still stands; what they said stays in the history, too. Runs once, and bears a second.
insert into people_appeal (ref, kind, subject, account_id, facts, made_by, words, state, opened_at,
                           deadline)
select 'apl_' || substr(md5('r' || r.id), 1, 16), 'restriction', r.id::text, r.worker_id,
       r.inputs || jsonb_build_object('batch', b.ref, 'name', b.name), array['system:' || r.rule],
       said.why, 'open', said.at, now() + interval '14 days'
  from work_restriction r
  join projects_batch b on b.id = r.batch_id
  join people_worker w on w.account_id = r.worker_id
  join lateral (select h.why, h.at from kit_history h
                 where h.kind = 'restriction' and h.target = 'contested'
                   and h.subject = b.ref || '/' || w.ref and h.at >= r.made_at
                 order by h.id desc limit 1) said on true
 where r.lifted_at is null
on conflict do nothing;

insert into people_appeal (ref, kind, subject, account_id, facts, made_by, words, state, opened_at,
                           deadline)
select 'apl_' || substr(md5('s' || made.id), 1, 16), 'standing', made.id::text, a.id,
       jsonb_build_object('state', 'expelled', 'why', made.why, 'until', ''),
       array_remove(array[made.actor,
         (select asker.ref
            from people_approval p join people_account asker on asker.id = p.asked_by_id
           where p.kind = 'expulsion' and p.subject = a.ref and p.state = 'approved'
           order by p.id desc limit 1)], null),
       said.why, 'open', said.at, now() + interval '14 days'
  from people_account a
  join people_worker w on w.account_id = a.id and w.standing = 'expelled'
  join lateral (select h.why, h.at, h.target from kit_history h
                 where h.kind = 'standing' and h.subject = a.ref
                 order by h.id desc limit 1) said on said.target = 'contested'
  join lateral (select h.id, h.why, h.actor from kit_history h
                 where h.kind = 'standing' and h.subject = a.ref
                   and h.target in ('closed', 'expelled')
                 order by h.id desc limit 1) made on true
on conflict do nothing;
