"""What runs beside the index: the nightly job, its schedule, the health check."""
