"""Questions as people type them -> the answers that the office approved."""
