"""Which states of other services ads_watch keeps, and where."""

from shared.calendar_years import calendar_record

STATES = (calendar_record("ads_watch"),)
