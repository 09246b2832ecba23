"""The bank interface as Markdown."""

from collections.abc import Iterable

from deploy.bank_interface.blocks import Block, Code, Heading, Said, Table


def markdown(blocks: Iterable[Block]) -> str:
    """Return blocks as one Markdown text."""
    return "\n\n".join(_block(block) for block in blocks) + "\n"


def _block(block: Block) -> str:
    match block:
        case Heading(level, text):
            return f"{'#' * level} {text}"
        case Said(chinese, english):
            return f"{chinese}\n\n*{english}*"
        case Code(language, text):
            return f"```{language}\n{text}\n```"
        case Table(header, rows):
            return "\n".join([_row(header), _row(("---",) * len(header)), *map(_row, rows)])


def _row(cells: Iterable[str]) -> str:
    # A bar inside a cell, as patterns have it, would begin another cell.
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
