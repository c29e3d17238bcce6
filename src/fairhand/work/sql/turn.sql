-- The hot path: hand in a page and take the next, in one statement and one transaction.
--
-- Locks are always taken in this order: enrolment, assignment, batch (only to free slots), bundle;
-- and bundles either under the batch's lock or skipping locked ones; whoever waits for a bundle
-- holds none. So nobody waits in a circle. A worker's own requests wait for each other at the
-- enrolment; different workers meet only at bundles. Nothing that every turn does updates a row
-- that all workers of a batch share.
--
-- work_turn            who is it, what do they want; the only one that is called from outside
--   work_submit        store the answers, score gold, pay
--   work_release       give a page back or expire it: its slots are free again
--   work_claim         take bundles, make a page
--     work_take        the next open bundles from the worker's cursor
--     work_take_reserved   the same from the worker's allow-list
--   work_page          a page as the JSON text that the browser gets
--
-- Refusals come back as a code; their words are in work/refusals.py.
--
-- Plans are made once and serve at any size, so each query is written for the one index it shall
-- use. One page is found by its key: `state || '' = 'open'` checks its state without offering the
-- index of all open pages, which looks cheap while it is small. What is taken is looked up by an
-- array, not by a join, since a join may be planned as a scan of the whole table.

-- Take up to p_count open bundles for this worker, moving on from the cursor. On the first pass
-- everything ahead is new to the worker; on later ones what they have answered or hold is left out.
create or replace function work_take(
  p_batch bigint, p_worker bigint, p_gold boolean, p_count integer, p_mine integer[],
  inout p_cursor integer, inout p_passes integer, out nos integer[], out tasks integer[])
language plpgsql as $$
declare got record; wanted integer := p_count; fresh boolean := p_cursor < 0;
begin
  nos := '{}'; tasks := '{}';
  loop
    with taken as (
      update work_bundle b set slots = b.slots - 1, open = b.slots > 1
       where b.batch_id = p_batch and b.no = any(array(
         select x.no from work_bundle x
          where x.batch_id = p_batch and x.open and x.gold = p_gold and x.turn > p_cursor
            and (p_passes = 0 or (x.no <> all(p_mine) and x.no <> all(nos) and not exists (
              select from work_answer a where a.batch_id = p_batch and a.worker_id = p_worker
                 and a.position = any(x.tasks))))
          order by x.turn limit wanted for update skip locked))
      returning b.no, b.turn, b.tasks)
    select count(*)::integer as n, max(t.turn) as last, array_agg(t.no) as nos,
           (select array_agg(p) from taken y, unnest(y.tasks) p) as tasks
      into got from taken t;
    if got.n > 0 then
      p_cursor := got.last; nos := nos || got.nos; tasks := tasks || got.tasks;
      wanted := wanted - got.n;
    end if;
    exit when wanted <= 0 or (fresh and p_passes > 0);
    -- The end of the batch: once more from its start.
    p_passes := p_passes + 1; p_cursor := -1; fresh := true;
  end loop;
end $$;

-- The same for a batch whose tasks are kept for named workers; the cursor counts their allow-list.
create or replace function work_take_reserved(
  p_batch bigint, p_worker bigint, p_count integer, p_mine integer[],
  inout p_cursor integer, inout p_passes integer, out nos integer[], out tasks integer[])
language plpgsql as $$
declare r record; got integer[]; fresh boolean := p_cursor < 0;
begin
  nos := '{}'; tasks := '{}';
  loop
    for r in select v.turn, v.bundle_no from work_reservation v
              where v.batch_id = p_batch and v.worker_id = p_worker and v.turn > p_cursor
              order by v.turn loop
      exit when cardinality(nos) >= p_count;
      p_cursor := r.turn;
      continue when p_passes > 0 and (r.bundle_no = any(p_mine) or r.bundle_no = any(nos));
      update work_bundle b set slots = b.slots - 1, open = b.slots > 1
       where b.batch_id = p_batch and b.no = (
         select x.no from work_bundle x
          where x.batch_id = p_batch and x.no = r.bundle_no and x.open
            and (p_passes = 0 or not exists (select from work_answer a
              where a.batch_id = p_batch and a.worker_id = p_worker and a.position = any(x.tasks)))
          for update skip locked)
      returning b.tasks into got;
      if found then nos := nos || r.bundle_no; tasks := tasks || got; end if;
    end loop;
    exit when cardinality(nos) >= p_count or (fresh and p_passes > 0);
    p_passes := p_passes + 1; p_cursor := -1; fresh := true;
  end loop;
end $$;

-- Wait for the first bundle that this worker could still have but somebody holds locked right now.
-- False: there is none; the worker has seen all there is.
create or replace function work_await(
  p_batch bigint, p_worker bigint, p_reserved boolean, p_mine integer[])
returns boolean language plpgsql as $$
begin
  perform from work_bundle b
    where b.batch_id = p_batch and b.open and b.gold = false and b.no <> all(p_mine)
      and (not p_reserved or exists (select from work_reservation v
        where v.batch_id = p_batch and v.worker_id = p_worker and v.bundle_no = b.no))
      and not exists (select from work_answer a where a.batch_id = p_batch
        and a.worker_id = p_worker and a.position = any(b.tasks))
    order by b.turn limit 1 for update;
  return found;
end $$;

-- A page as JSON text. An item's place on the page is all that its worker sees of a task's
-- identity, and of its data only what the interface shows: an uploaded file may hold more.
create or replace function work_page(b projects_batch, a work_assignment) returns text
language sql stable as $$
  select '{"no":' || a.no
    || ',"deadline":"' || to_char(a.deadline at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
    || '","seconds_left":'
    || greatest(0, floor(extract(epoch from a.deadline - clock_timestamp())))::int
    || ',"pay_micros":' || a.pay_micros || ',"items":['
    || (select string_agg('{"item":' || u.o - 1 || ',"data":' || (
          select (select jsonb_object_agg(k, t.data -> k) from unnest(b.shown) k)::text
            from projects_task t where t.batch_id = b.id and t.position = u.p) || '}',
          ',' order by u.o)
        from unnest(a.tasks) with ordinality u(p, o))
    || ']}'
$$;

-- Free the slots of a page that ends without answers. Slots of a batch that has ended stay closed:
-- their money goes back when it settles. The batch is asked and locked before its bundles, as when
-- it is closed, so that neither waits for the other in a circle or misses what the other did.
create or replace function work_release(
  b projects_batch, inout e work_enrolment, inout a work_assignment, p_state text)
language plpgsql as $$
begin
  update work_assignment set state = p_state, ended_at = clock_timestamp()
   where batch_id = a.batch_id and worker_id = a.worker_id and no = a.no and state || '' = 'open'
   returning * into strict a;
  update projects_batch set reopenings = reopenings + 1
   where id = b.id and state in ('open', 'paused');
  if found then
    perform from work_bundle w where w.batch_id = b.id and w.no = any(a.bundles)
      order by w.gold desc, w.no for update;
    update work_bundle w set slots = w.slots + 1, open = true
     where w.batch_id = b.id and w.no = any(a.bundles);
  end if;
  e.held := array_remove(e.held, a.no);
end $$;

-- Store a page's answers once. p_answers: [{"item": 0, "value": {...}, "seconds": 1.5}, ...], whose
-- values were checked against the interface before. `code` is null when they were stored.
create or replace function work_submit(
  b projects_batch, inout e work_enrolment, inout a work_assignment,
  p_answers jsonb, p_digest text, out code text)
language plpgsql as $$
declare n integer := cardinality(a.tasks); stored integer; seen integer; good integer; fee bigint;
begin
  if (select count(distinct x.item) filter (where x.item >= 0 and x.item < n) from
      jsonb_to_recordset(p_answers) as x(item integer)) <> n
      or jsonb_array_length(p_answers) <> n then
    code := 'incomplete_page'; return;
  end if;
  with stored_answers as (
    insert into work_answer (batch_id, position, worker_id, page, value, seconds, "right")
    select b.id, a.tasks[x.item + 1], a.worker_id, a.no, x.value,
           -- What a browser says of its clock is not always possible.
           case when x.seconds is not null then least(greatest(x.seconds, 0), 86400) end,
           (select x.value @> g.expected from quality_gold g
             where g.batch_id = b.id and g.position = a.tasks[x.item + 1])
      from jsonb_to_recordset(p_answers) as x(item integer, value jsonb, seconds double precision)
    returning "right" as was_right)
  select count(*), count(was_right), count(*) filter (where was_right)
    into stored, seen, good from stored_answers;
  update work_assignment set ended_at = clock_timestamp(), digest = p_digest,
         state = case when b.review_hours = 0 then 'accepted' else 'submitted' end
   where batch_id = a.batch_id and worker_id = a.worker_id and no = a.no and state || '' = 'open'
   returning * into strict a;
  perform pay_earn(e.escrow_account, e.earning_account, e.share_account, e.fee_account,
                   a.pay_micros, a.share_micros, a.fee_micros, b.currency,
                   b.ref || '/' || a.worker_id || '/' || a.no, b.review_hours = 0);
  e.held := array_remove(e.held, a.no);
  e.answers := e.answers + stored;
  e.earned_micros := e.earned_micros + a.pay_micros;
  e.gold_seen := e.gold_seen + seen;
  e.gold_right := e.gold_right + good;
  -- The rule is quality.gold's; its table says how many right answers so many gold tasks ask for.
  if seen > 0 and cardinality(b.bar_table) > 0 then
    e.halted := e.halted or e.gold_right
      < b.bar_table[least(e.gold_seen + 1, cardinality(b.bar_table))];
  end if;
end $$;

-- Make the worker's next page. `code` is null when there is one. The share of gold is kept by
-- chance, so that a page of one is gold as often as the tenth task of a page of ten; a page is as
-- long with gold as without. Waits for a locked bundle only while it holds none itself, and not at
-- all where p_wait is false because this turn freed some before: so nobody waits in a circle.
create or replace function work_claim(
  b projects_batch, inout e work_enrolment, p_wait boolean, out a work_assignment, out code text)
language plpgsql as $$
declare
  mine integer[] := '{}'; nos integer[] := '{}'; tasks integer[] := '{}';
  gold integer := 0; short integer; got record;
begin
  code := case when e.halted then 'restricted'
               when b.state <> 'open' then 'batch_' || b.state
               when e.exhausted_at = b.reopenings then 'nothing_left' end;
  if code is not null then return; end if;
  if cardinality(e.held) > 0 then
    mine := array(select unnest(x.bundles) from work_assignment x
      where x.batch_id = b.id and x.worker_id = e.worker_id and x.no = any(e.held));
  end if;
  if b.gold_permille > 0 and not b.reserved then
    gold := floor(b.page_size * b.gold_permille / 1000.0 + random());
  end if;
  loop
    if b.page_size > gold then
      if b.reserved then
        got := work_take_reserved(b.id, e.worker_id, b.page_size, mine, e.cursor, e.passes);
      else
        got := work_take(b.id, e.worker_id, false,
                         greatest((b.page_size - gold) / b.bundle_size, 1), mine,
                         e.cursor, e.passes);
      end if;
      e.cursor := got.p_cursor; e.passes := got.p_passes; nos := got.nos; tasks := got.tasks;
      if cardinality(nos) = 0 then
        if p_wait and work_await(b.id, e.worker_id, b.reserved, mine) then continue; end if;
        if p_wait then e.exhausted_at := b.reopenings; end if;
        code := 'nothing_left'; return;
      end if;
    end if;
    if gold > 0 then
      got := work_take(b.id, e.worker_id, true, gold, mine, e.gold_cursor, e.gold_passes);
      e.gold_cursor := got.p_cursor; e.gold_passes := got.p_passes;
      nos := nos || got.nos; tasks := tasks || got.tasks; short := gold - cardinality(got.nos);
      if short > 0 then -- this worker has had all the gold there is: ordinary tasks in its place
        got := work_take(b.id, e.worker_id, false, short, mine || nos, e.cursor, e.passes);
        e.cursor := got.p_cursor; e.passes := got.p_passes;
        nos := nos || got.nos; tasks := tasks || got.tasks;
      end if;
    end if;
    exit when cardinality(nos) > 0;
    gold := 0;
  end loop;
  e.pages := e.pages + 1;
  e.held := e.held || e.pages;
  insert into work_assignment
    (batch_id, worker_id, no, deadline, bundles, tasks, portal, pay_micros, share_micros,
     fee_micros)
  select b.id, e.worker_id, e.pages,
         -- A page that is fetched ahead waits for the one before it.
         clock_timestamp() + make_interval(secs => b.deadline_seconds * cardinality(e.held)),
         nos, array_agg(p order by random()), e.portal,
         -- What is less than a millionth stays with the worker.
         count(*) * b.price_micros - count(*) * b.price_micros * e.share_permille / 1000,
         count(*) * b.price_micros * e.share_permille / 1000, count(*) * b.fee_micros
    from unnest(tasks) p
  returning * into a;
end $$;

-- One turn of a worker: p_verb is 'work' (hand in p_page if it is given, and take the next),
-- 'ahead' (take one page more while one is held; two are the most) or 'give_back' (return p_page).
-- `hard` says that p_page itself was refused; otherwise `code` only says why there is no next page.
-- A page is shown only while what was looked at when the worker was let in still holds; the code is
-- `look_again` when something changed, or they come through another portal (p_portal; 0: none).
drop function if exists work_turn(text, text, text, integer, jsonb, text, text);
create or replace function work_turn(
  p_kind text, p_secret text, p_batch text, p_page integer, p_answers jsonb, p_digest text,
  p_verb text, p_portal bigint,
  out code text, out hard boolean, out worker bigint, out submitted text, out page text)
language plpgsql as $$
declare
  b projects_batch; e work_enrolment; before work_enrolment; a work_assignment; got record;
  held_no integer; current text; latest text; repeated boolean := false; freed boolean := false;
  stamp bigint;
begin
  hard := true;
  select w.worker, w.stamp into worker, stamp from people_worker(p_kind, p_secret) w;
  if worker is null then code := 'not_signed_in'; return; end if;
  select * into b from projects_batch x where x.ref = p_batch;
  if not found then code := 'no_such_batch'; return; end if;
  select * into e from work_enrolment x where x.batch_id = b.id and x.worker_id = worker for update;
  if not found then code := 'not_enrolled'; return; end if;
  before := e;

  if p_page is not null then
    select * into a from work_assignment x
     where x.batch_id = b.id and x.worker_id = worker and x.no = p_page;
    if not found then
      code := 'no_such_page';
    elsif a.state in ('submitted', 'accepted') then
      repeated := a.digest = p_digest;
      if p_verb = 'give_back' or not repeated then code := 'already_submitted'; end if;
    elsif a.state = 'returned' then
      if p_verb <> 'give_back' then code := 'page_returned'; end if;
    elsif a.state = 'expired' or a.deadline < clock_timestamp() then
      if a.state = 'open' then
        got := work_release(b, e, a, 'expired'); e := got.e; a := got.a;
      end if;
      code := 'page_expired';
    elsif p_verb = 'give_back' then
      got := work_release(b, e, a, 'returned'); e := got.e; a := got.a;
    else
      got := work_submit(b, e, a, p_answers, p_digest); e := got.e; a := got.a; code := got.code;
    end if;
    if code is null and p_verb <> 'give_back' then
      submitted := '{"page":' || a.no || ',"answers":' || cardinality(a.tasks)
        || ',"earned_micros":' || a.pay_micros || ',"repeated":' || repeated || '}';
    end if;
  end if;

  if code is null and p_verb <> 'give_back'
      and (e.stamp <> stamp or e.portal <> p_portal or e.look_again_at <= clock_timestamp()) then
    hard := false; code := 'look_again';
  elsif code is null then
    hard := false;
    foreach held_no in array e.held loop
      select * into a from work_assignment x
       where x.batch_id = b.id and x.worker_id = worker and x.no = held_no;
      if e.halted or a.deadline < clock_timestamp() then
        got := work_release(b, e, a, case when e.halted then 'returned' else 'expired' end);
        e := got.e; freed := true;
      else
        latest := work_page(b, a); current := coalesce(current, latest);
      end if;
    end loop;
    if p_verb = 'work' and current is not null then
      page := current;
    elsif p_verb = 'ahead' and cardinality(e.held) > 1 then
      page := latest;
    elsif p_verb <> 'give_back' then
      -- Slots that were freed a moment ago count as well, and a batch may have ended since.
      select x.state, x.reopenings into b.state, b.reopenings
        from projects_batch x where x.id = b.id;
      got := work_claim(b, e, not freed); e := got.e; code := got.code;
      if code is null then page := work_page(b, got.a); end if;
    end if;
  end if;
  if e is distinct from before then
    update work_enrolment x set
      halted = e.halted, cursor = e.cursor, passes = e.passes, gold_cursor = e.gold_cursor,
      gold_passes = e.gold_passes, exhausted_at = e.exhausted_at, pages = e.pages, held = e.held,
      answers = e.answers, gold_seen = e.gold_seen, gold_right = e.gold_right,
      earned_micros = e.earned_micros
     where x.batch_id = b.id and x.worker_id = worker;
  end if;
end $$;

-- End the pages whose deadline has passed. Returns how many; at most p_limit, so that no
-- transaction grows long. An enrolment that is locked is somebody's turn: it is left to the next
-- round.
create or replace function work_expire(p_limit integer) returns integer language plpgsql as $$
declare r record; b projects_batch; e work_enrolment; a work_assignment; got record; n integer := 0;
begin
  -- One at a time: two could free pages of the same batches in another order, in a circle.
  if not pg_try_advisory_xact_lock(hashtext('work_expire')) then return 0; end if;
  for r in select x.batch_id, x.worker_id, x.no from work_assignment x
            where x.state = 'open' and x.deadline < clock_timestamp()
            order by x.deadline limit p_limit loop
    select * into e from work_enrolment x
     where x.batch_id = r.batch_id and x.worker_id = r.worker_id for update skip locked;
    continue when not found;
    select * into a from work_assignment x
     where x.batch_id = r.batch_id and x.worker_id = r.worker_id and x.no = r.no
       and x.state || '' = 'open';
    continue when not found;
    select * into b from projects_batch x where x.id = r.batch_id;
    got := work_release(b, e, a, 'expired');
    update work_enrolment x set held = (got.e).held
     where x.batch_id = r.batch_id and x.worker_id = r.worker_id;
    n := n + 1;
  end loop;
  return n;
end $$;
