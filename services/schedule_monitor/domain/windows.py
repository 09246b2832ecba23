"""The latest end of an earlier class with something in common, for many classes at once."""

from typing import Final

import polars as pl

# The seconds of a day need 17 bits; units and names leave them free and stay below 64 together.
_DAY: Final = 2**17
_NAMES: Final = 2**26
_START, _END, _RUN = pl.col("start"), pl.col("end"), pl.col("run")


def latest_end_before(classes: pl.DataFrame) -> pl.DataFrame:
    """Return ``row`` and ``until`` of each class before which one of the same name began.

    Takes ``row``, ``start``, ``end``, ``name``, and ``unit``, which tells institution-days apart
    and is below a million. A long class may still run when later ones have ended, so the latest end
    so far counts, not that of the class just before. Of two that begin together the one that ends
    later is the later one, and of two alike the one that was stated later.
    """
    if classes.height <= 1:
        return pl.DataFrame(schema={"row": pl.UInt32, "until": pl.Int32})
    # One number for whose class it is and when it begins sorts five times as fast as its parts.
    whose = pl.col("unit").cast(pl.Int64) * _NAMES + _codes(classes["name"]).cast(pl.Int64)
    reached = (_RUN + _END).cum_max().shift(1)
    ordered = classes.select("row", "start", "end", (whose * _DAY).alias("run")).sort(
        _RUN + _START, "end", maintain_order=True
    )
    # Runs grow: what another run has reached lies below where this one begins.
    found = ordered.select("row", (reached - _RUN).alias("until")).filter(pl.col("until") >= 0)
    return found.cast({"until": pl.Int32})


def _codes(names: pl.Series) -> pl.Series:
    return names.cast(pl.Enum(names.unique())).to_physical()


def scattered(found: pl.DataFrame, height: int) -> pl.Expr:
    """Return a column of so many rows with what was found where it was found."""
    if found.is_empty():
        return pl.lit(None, dtype=pl.Int32)
    column = pl.Series([None], dtype=pl.Int32).new_from_index(0, height)
    return pl.lit(column.scatter(found["row"], found["until"]))
