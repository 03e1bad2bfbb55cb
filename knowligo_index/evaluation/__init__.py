"""How well a version answers golden questions (`evaluate`), and what differs between two versions (`diff`)."""
