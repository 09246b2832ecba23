"""What stands in the way of the local stack, as one line that says what to do."""


class StackProblem(Exception):
    """The local stack cannot go on; the message is one clear line for a person."""
