"""What must outlive the process: people, batches, registrations, messages in and out."""
