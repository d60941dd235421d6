"""Orders: list, search, detail, timeline, notes, live status."""
