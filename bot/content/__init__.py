"""The office's files on disk -> core values; every fault with file and line."""
