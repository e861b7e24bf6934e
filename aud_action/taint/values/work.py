"""What is done beside statements and calls: a budget counts it, too."""


class Work:
    """A count of values that were looked at, one in another: joined, changed, made abstract."""

    done = 0


WORK = Work()
