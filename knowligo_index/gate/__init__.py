"""What a version must stand up to before it goes live."""
