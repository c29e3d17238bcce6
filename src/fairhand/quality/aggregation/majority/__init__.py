"""Majority vote: the label that most workers gave.

    p(task, c) = answers of the task that say c / answers of the task

Every worker weighs the same and nothing is estimated, so it is what every other algorithm has to
beat. de Condorcet, Essai sur l'application de l'analyse (1785), shows when more voters help: each
must be right more often than wrong, and independently of the others.
"""

from fairhand.quality.aggregation.labels import Labels, Result


def majority(labels: Labels) -> Result:
    """Count the votes. The probabilities are shares of the answers, not calibrated confidence.

    Raises TooManyClassesError when the labels are too many to be choices from a list.
    """
    shares = labels.votes() / labels.answers_per_task()[:, None]
    return Result(labels.tasks, labels.classes, shares)
