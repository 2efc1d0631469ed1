"""Announcements: to whom, in what words, when, and what became of them."""
