"""May this version go live? Checks that each give refusals with a code, and one judge that asks all of them."""
