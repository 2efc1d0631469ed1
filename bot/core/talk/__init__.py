"""What is said, and when."""
