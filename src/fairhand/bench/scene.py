"""Batches as large as wished, a tenth of them already answered, made by SQL within seconds.

The tenth is what makes the measurement honest: a claim that walks over what others had before looks
fast on a fresh table. Its rows are those that real work leaves: closed bundles (with the dead row
versions of their updates), answers, accepted pages and their transfers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import connection, transaction

from fairhand.kit.decision import require
from fairhand.kit.ids import new_ref
from fairhand.kit.models import Installation
from fairhand.kit.money import Money
from fairhand.pay.funding import deposit
from fairhand.people.accounts import make_organisation, make_worker
from fairhand.people.keys import digest_of, issue_key
from fairhand.people.models import Account, Organisation, Worker
from fairhand.projects.batches import Terms, make_batch, make_project
from fairhand.projects.models import Batch, Project
from fairhand.work.access import enter
from fairhand.work.opening import open_batch

OVERLAP = 3
GOLD_PERMILLE = 100  # a tenth: then every page of ten holds nine tasks and one gold
BAR_PERMILLE = 700
FORMER_WORKERS = 30
INTERFACE = {
    "views": [{"kind": "text", "from": "text"}],
    "fields": [
        {
            "kind": "choice",
            "name": "mood",
            "label": "Mood",
            "options": [{"value": "good", "label": "Good"}, {"value": "bad", "label": "Bad"}],
        }
    ],
}
FILL = (
    """insert into projects_task (batch_id, position, key, data)
       select %(batch)s, p, 'k' || p, jsonb_build_object('text',
              'Review ' || p || ': the delivery came late, but what was in it was worth the wait.')
         from generate_series(0, %(tasks)s - 1) p""",
    """insert into quality_gold (batch_id, position, expected)
       select %(batch)s, p, '{"mood": "good"}' from generate_series(0, %(tasks)s - 1, 10) p""",
    "update projects_batch set tasks = %(tasks)s where id = %(batch)s",
)
# The first tenth of the tasks went to three former workers each, in pages.
PAST = (
    """create temporary table past as
       with page as (
         select no / %(page)s as sheet, array_agg(distinct no) as bundles,
                array_agg(task order by task) as tasks
           from work_bundle, unnest(tasks) task
          where batch_id = %(batch)s and no < %(tasks)s / 10 group by sheet)
       select p.bundles, p.tasks, e.worker_id, e.escrow_account, e.earning_account, e.fee_account,
              row_number() over (partition by e.worker_id order by p.sheet)::int as no,
              b.price_micros * cardinality(p.tasks) as pay,
              b.fee_micros * cardinality(p.tasks) as fee
         from page p join projects_batch b on b.id = %(batch)s
         join (select *, row_number() over (order by worker_id) - 1 as n
                 from work_enrolment where batch_id = %(batch)s) e
           on e.n %% (%(former)s / b.overlap)
            = p.sheet * %(page)s / 100 %% (%(former)s / b.overlap)""",
    """update work_bundle set slots = 0, open = false
        where batch_id = %(batch)s and no < %(tasks)s / 10""",
    """insert into work_answer (batch_id, position, worker_id, page, value, seconds, "right")
       select %(batch)s, t, p.worker_id, p.no, '{"mood": "good"}', 2.0,
              case when t %% 10 = 0 then true end
         from past p, unnest(p.tasks) t""",
    """insert into work_assignment (batch_id, worker_id, no, state, deadline, ended_at, bundles,
                                    tasks, pay_micros, fee_micros, digest)
       select %(batch)s, worker_id, no, 'accepted', now(), now(), bundles, tasks, pay, fee,
              md5(no::text) from past""",
    """insert into ledger_transfer (debit, credit, amount, currency, reason, source)
       select escrow_account, earning_account, pay, 'EUR', 'earn',
              %(ref)s || '/' || worker_id || '/' || no from past
       union all select escrow_account, fee_account, fee, 'EUR', 'fee',
              %(ref)s || '/' || worker_id || '/' || no from past""",
    """update work_enrolment e set answers = s.answers, pages = s.pages, earned_micros = s.pay
         from (select worker_id, sum(cardinality(tasks)) as answers, max(no) as pages,
                      sum(pay) as pay from past group by worker_id) s
        where e.batch_id = %(batch)s and e.worker_id = s.worker_id""",
    "drop table past",
)
# Given to more workers than was wanted, whether they handed in or still hold it.
SURPLUS = """
select coalesce(sum(n - %s), 0) from (
  select position, count(*) as n from (
    select position from work_answer where batch_id = %s
    union all
    select unnest(tasks) from work_assignment where batch_id = %s and state = 'open') g
   group by position having count(*) > %s) x
"""


@dataclass(frozen=True)
class Program:
    """A simulated worker: who, and the key that they work with."""

    worker: Worker
    secret: str

    @property
    def digest(self) -> str:
        return digest_of(self.secret)


@dataclass
class Scene:
    """The requester and those who worked before; made once in an empty installation."""

    requester: Account
    organisation: Organisation
    project: Project
    former: list[Program]

    @classmethod
    def make(cls) -> "Scene":
        Installation.objects.get_or_create(pk=1, defaults={"kind": Installation.Kind.DEMO})
        requester = Account.objects.create_user("requester@bench.invalid", None, name="Requester")
        organisation = make_organisation("Bench", requester)
        project = make_project(
            requester, organisation, name="Moods", interface=INTERFACE, instructions=[]
        )
        return cls(requester, organisation, project, programs(FORMER_WORKERS))

    def batch(self, tasks: int, page_size: int) -> Batch:
        """An open batch of so many tasks whose first tenth was answered."""
        terms = Terms(
            name=f"{tasks} tasks, pages of {page_size}",
            price_micros=50_000,
            overlap=OVERLAP,
            page_size=page_size,
            gold_permille=GOLD_PERMILLE,
            bar_permille=BAR_PERMILLE,
        )
        batch = make_batch(self.requester, self.project, terms)
        values: dict[str, int | str] = {
            "batch": batch.pk,
            "ref": batch.ref,
            "tasks": tasks,
            "page": page_size,
            "former": FORMER_WORKERS,
        }
        _run(FILL, values)
        batch.refresh_from_db()
        # More than enough; what a batch costs is known only once it is open.
        price = batch.price_micros + batch.fee_micros
        deposit(self.organisation, Money(tasks * OVERLAP * price, "EUR"), source=batch.ref)
        require(open_batch(batch, self.requester.ref))
        batch.refresh_from_db()
        enrol(self.former, batch)
        _run(PAST, values)
        return batch


def programs(number: int) -> list[Program]:
    """So many new workers, each with a key."""
    made = []
    with transaction.atomic():
        for _ in range(number):
            worker = make_worker(f"{new_ref('wrk')}@bench.invalid")
            _key, secret = issue_key(worker.account, name="bench", scopes=["work"])
            made.append(Program(worker, secret))
    return made


def enrol(who: Sequence[Program], batch: Batch) -> None:
    """Let workers into a batch."""
    with transaction.atomic():
        for program in who:
            require(enter(program.worker, batch))


def answers_of(who: Sequence[Program], batch: Batch) -> int:
    """How many answers these workers have given in a batch."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select coalesce(sum(answers), 0) from work_enrolment"
            " where batch_id = %s and worker_id = any(%s)",
            [batch.pk, [program.worker.pk for program in who]],
        )
        return int(cursor.fetchall()[0][0])


def surplus(batch: Batch) -> int:
    """How many times a task was given out beyond what was wanted."""
    with connection.cursor() as cursor:
        cursor.execute(SURPLUS, [batch.overlap, batch.pk, batch.pk, batch.overlap])
        return int(cursor.fetchall()[0][0])


def _run(statements: Sequence[str], values: Mapping[str, int | str]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement, values)
