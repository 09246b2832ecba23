"""The numbered cases, in the order in which they are tried; a number is never given twice."""

from deploy.bank_kit.cases import (
    booking,
    completeness,
    declared,
    fields,
    files,
    flooding,
    repeating,
    reversing,
    signatures,
    sizes,
    timing,
    told,
)

CASES = (
    *booking.CASES,
    *repeating.CASES,
    *signatures.CASES,
    *reversing.CASES,
    *timing.CASES,
    *sizes.CASES,
    *flooding.CASES,
    *fields.CASES,
    *declared.CASES,
    *completeness.CASES,
    *files.CASES,
    *told.CASES,
)
