"""Gold: tasks whose answer is known."""

from django.db import models

from fairhand.projects.models import Batch


class Gold(models.Model):
    """The known answer of one task. An answer is right when it contains all of `expected`."""

    pk = models.CompositePrimaryKey("batch_id", "position")
    batch = models.ForeignKey(Batch, models.DO_NOTHING, db_constraint=False, db_index=False)
    position = models.IntegerField()
    expected = models.JSONField()
