"""What a person sees: progress while it runs, a summary at the end."""
