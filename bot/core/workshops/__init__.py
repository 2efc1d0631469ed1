"""Workshops: batches, seats, waiting lists, reminders."""
