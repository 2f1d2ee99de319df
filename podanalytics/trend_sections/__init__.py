"""Sections of the monthly report: one file each, `section(trend) -> Section`; pure, rendering is elsewhere."""
