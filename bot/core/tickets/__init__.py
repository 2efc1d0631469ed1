"""Tickets: talks that somebody of the office takes over."""
