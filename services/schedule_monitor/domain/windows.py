"""The latest end of an earlier class with something in common, for many classes at once."""

from typing import Final

import polars as pl

# More than the seconds of a day: a run and a second together are one number that grows with both.
_RUN: Final = 2**17


def latest_end_before(classes: pl.DataFrame, *keys: str) -> pl.DataFrame:
    """Return ``row`` and ``until`` of each class that has an earlier one with the same keys.

    A long class may still run when later ones have ended, so the latest end so far counts and not
    the end of the class just before. Of two that begin together the one that ends later is the
    later one, and of two alike the one that was stated later. Takes ``row``, ``start``, ``end``.
    """
    if classes.height <= 1:
        return pl.DataFrame(schema={"row": pl.UInt32, "until": pl.Int32})
    ordered = classes.select(*keys, "start", "end", "row").sort(*keys, "start", "end", "row")
    begins = pl.any_horizontal(pl.col(key) != pl.col(key).shift(1) for key in keys)
    run = begins.fill_null(value=True).cum_sum().cast(pl.Int64)
    reached = (run * _RUN + pl.col("end")).cum_max().shift(1)
    return (
        ordered.select("row", run.alias("run"), reached.alias("reached"))
        .filter(pl.col("reached") // _RUN == pl.col("run"))
        .select("row", (pl.col("reached") % _RUN).cast(pl.Int32).alias("until"))
    )


def scattered(found: pl.DataFrame, height: int) -> pl.Expr:
    """Return a column of so many rows with what was found where it was found."""
    if found.is_empty():
        return pl.lit(None, dtype=pl.Int32)
    column = pl.Series([None], dtype=pl.Int32).new_from_index(0, height)
    return pl.lit(column.scatter(found["row"], found["until"]))
