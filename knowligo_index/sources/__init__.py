"""From a folder to documents: what is in it, what each file says, and what is left out."""
