"""The checks of the gate, by what they look at. Each returns the refusals that it has, none where all is well."""
