"""Sections of the review packet: one file each, `section(review) -> Section`; pure, rendering is elsewhere."""
