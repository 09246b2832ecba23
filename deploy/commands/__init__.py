"""The list of commands behind ``./run``; each is one thin function, the work is in modules."""
