"""How well a version answers questions whose answers are known, and how two versions differ."""
