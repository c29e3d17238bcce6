"""Fairhand's API from Python, over HTTP and nothing else.

    from fairhand.client import Client

    with Client("https://work.example.org", "fh_...") as client:
        project = client.create_project(name="Birds", interface={...}, instructions=[])
        batch = client.create_batch(project.ref, name="May", price_micros=20_000, overlap=3)
        client.upload(batch.ref, "birds.csv")
        client.open(batch.ref)

Whatever fails on the way is tried again, without ever taking effect twice; what the server refuses
is raised as a `Problem`.
"""

from fairhand.client.models import (
    Answer,
    Batch,
    Computed,
    Earnings,
    Me,
    Money,
    Offer,
    Place,
    Project,
    Purse,
    Result,
    Task,
    Uploaded,
)
from fairhand.client.problem import CutOffError, Problem
from fairhand.client.requester import Client
from fairhand.client.worker import Item, Page, Refusal, Submitted, Turn, Worker

__all__ = [
    "Answer",
    "Batch",
    "Client",
    "Computed",
    "CutOffError",
    "Earnings",
    "Item",
    "Me",
    "Money",
    "Offer",
    "Page",
    "Place",
    "Problem",
    "Project",
    "Purse",
    "Refusal",
    "Result",
    "Submitted",
    "Task",
    "Turn",
    "Uploaded",
    "Worker",
]
